// The service as a function from Request to Response, which Workers call by themselves and a Node server calls for each request.
import { memoryStats } from 'adjoint';
import { BadRequest, imagesOf, type Classifier } from './classifier';

/** Bodies above this are not read: 256 images are about 1 MB. */
const LARGEST_BODY = 4 * 2 ** 20;

const json = (value: unknown, status = 200): Response => Response.json(value, { status });

/** Answers `POST /` with predictions and `GET /` with what the process holds. */
export function handler(classifier: () => Classifier): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method === 'GET') {
      const { tensors, bytes } = memoryStats();
      return json({ send: 'POST / with { "images": [[784 grey values from 0 to 255], …] }', tensors, bytes });
    }
    if (request.method !== 'POST') return json({ error: `${request.method} is not answered; POST and GET are` }, 405);
    try {
      const text = await request.text();
      if (text.length > LARGEST_BODY) return json({ error: `a body has at most ${LARGEST_BODY} characters` }, 413);
      return json({ answers: classifier().answer(imagesOf(JSON.parse(text))) });
    } catch (error) {
      if (error instanceof BadRequest || error instanceof SyntaxError) return json({ error: error.message }, 400);
      throw error;
    }
  };
}
