// Writes the weights that the program is compiled with, and says what they make of the picture it is given: the digit alone,
// of a network that was never trained.
import { readFileSync } from 'node:fs';
import { data, io, manualSeed, nn } from 'adjoint';

manualSeed(0);
const network = new nn.Sequential(new nn.Linear(784, 128), new nn.ReLU(), new nn.Linear(128, 10));
io.saveSafetensors(network.stateDict(), 'digits.safetensors');
const grey = data.readImage(readFileSync('drawing.png')).to('float32').reshape(1, 784);
console.log(network(grey.div(255).sub(0.1307).div(0.3081)).argmax(1).item());
