"""What the companions share: the files of a step, and the comparison of losses."""
import json
import pathlib
import sys

from safetensors.numpy import load_file

TOLERANCE = 1e-5


class Task:
    """A folder with a step, its parameters, batches, and the losses to be found."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.name = self.folder.name
        self.facts = json.loads((self.folder / 'facts.json').read_text())
        self.losses = self.facts['losses']
        self.state = load_file(self.folder / 'parameters.safetensors')
        self.batches = load_file(self.folder / 'batches.safetensors')

    def batch(self, i):
        """The tensors of step i, from 1."""
        return [self.batches[f'{i}.{j}'] for j in range(self.facts['given'])]


def compare(engine, task, losses):
    """Prints how far losses are from those in TypeScript; whether that is near enough."""
    apart = max(abs(a - b) for a, b in zip(losses, task.losses))
    is_near = len(losses) == len(task.losses) and apart <= TOLERANCE
    print(f'{engine:34} {task.name:18} {len(losses)} steps, furthest apart {apart:.1e}', '' if is_near else 'TOO FAR', flush=True)
    return is_near


def finish(results):
    """Ends the program, with an error unless all went well."""
    sys.exit(0 if all(results) else 1)
