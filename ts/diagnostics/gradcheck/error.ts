// What gradcheck throws.
import { AdjointError } from '../../core/errors';

/** A derivative differs from finite differences; `details` has both Jacobians and where they differ most. */
export class GradcheckError extends AdjointError {
  override readonly code = 'GradcheckError';
}
