// Pieces of SVG text that all pictures share.

/** Text safe between tags and in attributes. */
export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** A number with at most two digits after the point. */
export function px(v: number): string {
  return String(Math.round(v * 100) / 100);
}

/** Colours for light and dark surroundings; pictures name them by class. */
const STYLE = `
  .paper { fill: #ffffff } .ink { fill: #1f2328 } .dim { fill: #59636e }
  .line { stroke: #8c959f; fill: none } .grid { stroke: #d1d9e0; fill: none }
  .op { fill: #f6f8fa; stroke: #8c959f } .leaf { fill: #ddf4ff; stroke: #0969da }
  .input { fill: #fff8c5; stroke: #9a6700 } .result { fill: #dafbe1; stroke: #1a7f37 }
  .series { fill: none } .s0 { stroke: #0969da } .s1 { stroke: #bc4c00 } .s2 { stroke: #1a7f37 } .s3 { stroke: #8250df }
  .arrow { fill: #8c959f } .value { fill: #1a7f37 } .gradient { fill: #cf222e }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 } .ink { fill: #e6edf3 } .dim { fill: #9198a1 }
    .line { stroke: #6e7681 } .grid { stroke: #262c36 }
    .op { fill: #161b22; stroke: #6e7681 } .leaf { fill: #0c2d6b; stroke: #58a6ff }
    .input { fill: #3b2300; stroke: #d29922 } .result { fill: #033a16; stroke: #3fb950 }
    .s0 { stroke: #58a6ff } .s1 { stroke: #f0883e } .s2 { stroke: #3fb950 } .s3 { stroke: #bc8cff }
    .arrow { fill: #6e7681 } .value { fill: #3fb950 } .gradient { fill: #ff7b72 }
  }
  text { font: 12px ui-sans-serif, system-ui, sans-serif } .title { font-size: 15px; font-weight: 600 } .small { font-size: 11px }`;

/** A whole picture around its content. */
export function picture(width: number, height: number, title: string, content: readonly string[]): string {
  const size = `width="${px(width)}" height="${px(height)}" viewBox="0 0 ${px(width)} ${px(height)}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="${escapeXml(title)}">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="paper" width="100%" height="100%"/>`,
    ...content,
    '</svg>',
    '',
  ].join('\n');
}
