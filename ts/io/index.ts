// The namespace `io`: files. Pictures are in `viz`; here they have their former names for one version.
import * as viz from '../viz';

/** @deprecated It is `viz.lineChart`. */
export const lineChart: typeof viz.lineChart = viz.lineChart;
/** @deprecated It is `viz.graphOf`. */
export const graphOf: typeof viz.graphOf = viz.graphOf;
/** @deprecated It is `viz.graphDot`. */
export const graphDot: typeof viz.graphDot = viz.graphDot;
/** @deprecated It is `viz.graphSvg`. */
export const graphSvg: typeof viz.graphSvg = viz.graphSvg;

/** @deprecated It is `viz.ChartOptions`. */
export type ChartOptions = viz.ChartOptions;
/** @deprecated It is `viz.Series`. */
export type Series = viz.Series;
/** @deprecated It is `viz.Graph`. */
export type Graph = viz.Graph;
/** @deprecated It is `viz.GraphNames`. */
export type GraphNames = viz.GraphNames;
/** @deprecated It is `viz.GraphNode`. */
export type GraphNode = viz.GraphNode;
/** @deprecated It is `viz.NodeKind`. */
export type NodeKind = viz.NodeKind;
export { loadNpy, saveNpy } from './npy';
export { loadNpz, saveNpz } from './npz';
export { loadSafetensors, openSafetensors, saveSafetensors, type SafetensorsFile, type SafetensorsOptions } from './safetensors';
export type { AsyncSource, Source, SyncSource } from './source';
export type { Target } from './target';
