// Before the tests: all packages, so that a download counts for no test.
import { PACKAGES, folderOf, type PackageName } from '../../examples/models/packages';

export default function fetchAll(): void {
  for (const name of Object.keys(PACKAGES) as PackageName[]) folderOf(name);
}
