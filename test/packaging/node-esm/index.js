import * as adjoint from 'adjoint';
import { train } from './train.js';

console.log(JSON.stringify(train(adjoint)));
