// How many layers a stack may have.
import { kind, type Kind } from '../core/kinds';

/** More layers than memory has ever room for; a typing error of many digits would otherwise end the process. */
const MOST_LAYERS = 2 ** 20;

/** A number of layers, `least` or more. */
export const layerCount = (least: number): Kind<number> =>
  kind(`an integer from ${least} to ${MOST_LAYERS}`, (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= MOST_LAYERS);
