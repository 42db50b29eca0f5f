// What is compared where the outputs themselves are free: signs of singular vectors, eigenvectors and columns of Q.
import { where, type Tensor } from 'adjoint';

const rows = (t: Tensor, k: number): Tensor => t.narrow(-2, 0, k);
const columns = (t: Tensor, k: number): Tensor => t.narrow(-1, 0, k);

/** Applied to the outputs, by the name in the vectors. `k` is the smaller of rows and columns. */
export const POSTS: Readonly<Record<string, (outputs: Tensor[]) => Tensor[]>> = {
  svd_absU: ([u, s]) => [columns(u!, s!.size(-1)).abs()],
  svd_S: ([, s]) => [s!],
  svd_S_absVh: ([, s, vh]) => [s!, rows(vh!, s!.size(-1)).abs()],
  svd_UVh_S: ([u, s, vh]) => [columns(u!, s!.size(-1)).matmul(rows(vh!, s!.size(-1))), s!],
  eigh_w_absV: ([w, v]) => [w!, v!.abs()],
  qr_canonical: ([q, r]) => {
    const k = Math.min(q!.numel() === 0 ? r!.size(-2) : q!.size(-2), r!.size(-2), r!.size(-1));
    const diagonal = r!.detach().diagonal(0, -2, -1);
    const signs = where(diagonal.ge(0), diagonal.fill(1), diagonal.fill(-1));
    const top = rows(r!, k).mul(signs.unsqueeze(-1));
    return q!.numel() === 0 ? [top] : [columns(q!, k).mul(signs.unsqueeze(-2)), top];
  },
};
