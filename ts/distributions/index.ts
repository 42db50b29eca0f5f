// The namespace `distributions`, PyTorch's `torch.distributions`.
export * as constraints from './constraints';
export * as transforms from './transforms';
export * from './transforms';
export { Categorical, MixtureSameFamily, Multinomial, OneHotCategorical, OneHotCategoricalStraightThrough } from './categorical';
export { ContinuousBernoulli, LogitRelaxedBernoulli, RelaxedBernoulli, RelaxedOneHotCategorical, VonMises } from './continuous';
export { Bernoulli, Binomial, Geometric, NegativeBinomial, Poisson } from './counts';
export { Distribution } from './distribution';
export { ExponentialFamily } from './exponential-family';
export { Exponential, GeneralizedPareto, Kumaraswamy, Pareto, Weibull } from './exponential';
export { Beta, Chi2, Dirichlet, FisherSnedecor, Gamma, InverseGamma, StudentT } from './gamma';
export { klDivergence, registerKl, type DistributionClass } from './kl';
export { Cauchy, Gumbel, HalfCauchy, HalfNormal, Laplace, LogNormal, LogisticNormal, Normal, Uniform } from './location-scale';
export { LKJCholesky, Wishart } from './matrices';
export { LowRankMultivariateNormal, MultivariateNormal } from './multivariate';
export type { Real } from './parameter';
export { Independent, TransformedDistribution } from './transformed';
