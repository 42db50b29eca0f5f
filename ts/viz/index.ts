// The namespace `viz`: pictures of curves and of graphs.
export { lineChart, type ChartOptions, type Series } from './chart';
export { graphDot, graphOf, type Graph, type GraphNames, type GraphNode, type NodeKind } from './draw-graph';
export { graphSvg } from './graph-svg';
export { planSvg } from './plan-svg';
