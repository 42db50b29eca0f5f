// importOnnx(): an ONNX model as a module.
import { refuseInCapture } from '../../core/capturing';
import { UsageError } from '../../core/errors';
import { named, parameters } from '../../core/options';
import { reading, source, type Reads, type Source } from '../source';
import { readModel } from './model';
import { OnnxModule, unusable } from './module';
import { compile } from './program';
import { Message } from './protobuf';
import { table } from './table';
import { typeName } from './tensor';

export { OnnxModule, type OnnxValue } from './module';

/** The operator sets that the table is of. */
const OLDEST = 7;
const NEWEST = 26;

/**
 * Reads an ONNX model and makes a module of it, to infer with and to train on: PyTorch has no counterpart.
 *
 * The module is in evaluation mode. It takes tensors in the order of the model's inputs, or an object of them by name, and gives a tensor, or
 * an array where there are several outputs. Floating constants that an operator uses as weights, which excludes single numbers and running
 * statistics, are parameters by their names in the file; a dot leads to a part, so that a model that PyTorch exported has PyTorch's keys.
 * Other initializers are buffers. In training mode `Dropout` drops and `BatchNormalization` has the statistics of the batch.
 *
 * Operator sets 7 to 26, with control flow and functions of the file's own. A path, a `file:` URL and bytes are read at once, a Blob, a
 * Response and a ReadableStream by a promise. Nothing in the file is run as code, and sizes are checked before memory is given.
 *
 * Source: the ONNX specification, https://onnx.ai/onnx/repo-docs/IR.html and Operators.html.
 *
 * @throws UsageError that lists the operators with no rule and how often each occurs, before anything is built, and for attributes, dtypes
 * and operator sets that are not there; FormatError for a file that is damaged or has its data in another file: it says what and where.
 * @example
 * const model = importOnnx('model.onnx');
 * const y = model(x);
 */
export const importOnnx: Reads<OnnxModule> = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ source: Source }>('importOnnx', () => ({ source })),
  ({ source: from }) => {
    refuseInCapture('importOnnx', 'read');
    return reading('importOnnx', from, (input) => {
      const model = readModel(Message.of(input));
      const { opset, graph } = model;
      if (opset < OLDEST || opset > NEWEST) {
        throw new UsageError(`importOnnx: ${input.name} uses operator set ${opset}; those from ${OLDEST} to ${NEWEST} are read`, 'importOnnx', { opset });
      }
      for (const { name, type } of unusable(graph.inputs)) {
        throw new UsageError(`importOnnx: input ${name} is of ${typeName(type!)}, a type that tensors here do not have`, 'importOnnx', { name });
      }
      return new OnnxModule(compile(model, table()));
    });
  },
);
