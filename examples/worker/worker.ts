// A Cloudflare Worker that reads digits. The weights are part of the deployment, as bytes (`rules` in wrangler.jsonc).
import weights from '../../out/digits.safetensors';
import { Classifier } from '../serving/classifier';
import { handler } from '../serving/handler';

// Made at the first request, which is when a Worker may take its time.
let classifier: Classifier | undefined;

export default { fetch: handler(() => (classifier ??= new Classifier(weights))) };
