// Reads the shipped declarations with TypeScript's checker into the table of everything callable.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { type Callable, type Kind, type Parameter, type Signatures } from './kinds';

const ROOT = join(import.meta.dirname, '../..');
const ENTRY = join(ROOT, 'dist/node.d.ts');

/** The table, kept on disk until the declarations or this reader change. */
export function signatures(): Signatures {
  const stamp = createHash('sha256').update(readFileSync(import.meta.filename));
  const declarations = readdirSync(join(ROOT, 'dist')).filter((name) => /\.d\.c?ts$/.test(name)).sort();
  for (const name of declarations) stamp.update(readFileSync(join(ROOT, 'dist', name)));
  // Quick builds have declarations that only refer to the sources.
  for (const name of sources(join(ROOT, 'ts'))) stamp.update(readFileSync(name));
  const folder = join(ROOT, 'node_modules/.cache/adjoint-fuzz');
  const kept = join(folder, `${stamp.digest('hex').slice(0, 16)}.json`);
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8')) as Signatures;
  const read = new Reader().read();
  mkdirSync(folder, { recursive: true });
  writeFileSync(kept, JSON.stringify(read));
  return read;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

class Reader {
  private readonly checker: ts.TypeChecker;
  private readonly file: ts.SourceFile;
  private readonly kinds: Kind[] = [];
  private readonly known = new Map<ts.Type, number>();
  private readonly callables: Callable[] = [];
  private readonly classes = new Map<ts.Symbol, string>();
  private readonly pending: [string, ts.Type][] = [];
  private readonly instances: [string, ts.Type][] = [];

  constructor() {
    const options: ts.CompilerOptions = {
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts'],
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      skipLibCheck: true,
      strict: true,
      types: [],
    };
    const program = ts.createProgram([ENTRY], options);
    this.checker = program.getTypeChecker();
    this.file = program.getSourceFile(ENTRY)!;
  }

  read(): Signatures {
    const module = this.checker.getSymbolAtLocation(this.file)!;
    const names: [string, ts.Type][] = [];
    for (const symbol of this.checker.getExportsOfModule(module)) this.find(symbol.name, this.checker.getTypeOfSymbolAtLocation(symbol, this.file), names);
    // Classes come first, so that parameters of their types are known as such.
    for (const [path, type] of names) {
      const made = type.getConstructSignatures()[0]?.getReturnType();
      if (made !== undefined && !this.classes.has(made.symbol)) this.classes.set(made.symbol, path);
    }
    for (const [path, type] of names) this.add(path, type);
    for (const [path, type] of this.pending) this.members(path, type);
    const constants: Record<string, string[]> = {};
    for (const [path, type] of this.instances) {
      const of = partsOf(type).map(({ symbol }) => this.classes.get(symbol)).find((name) => name !== undefined);
      if (of !== undefined) (constants[of] ??= []).push(path);
    }
    return { kinds: this.kinds, callables: this.callables, constants };
  }

  private find(path: string, type: ts.Type, into: [string, ts.Type][]): void {
    const isCallable = type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0;
    if (isCallable) into.push([path, type]);
    else if (isInstance(type)) this.instances.push([path, type]); // its methods need it as their receiver
    // The methods of a constant that is a number or a word are JavaScript's.
    else if (path.split('.').length < 4 && (type.flags & (ts.TypeFlags.NumberLike | ts.TypeFlags.StringLike)) === 0) {
      for (const member of type.getProperties()) {
        if (isPublic(member.name)) this.find(`${path}.${member.name}`, this.checker.getTypeOfSymbol(member), into);
      }
    }
  }

  private add(path: string, type: ts.Type): void {
    const calls = this.overloads(type.getCallSignatures());
    if (calls.length > 0) this.callables.push({ path, how: 'call', of: '', overloads: calls });
    const constructs = type.getConstructSignatures();
    if (constructs.length === 0) return;
    if (!isAbstract(type)) this.callables.push({ path, how: 'new', of: '', overloads: this.overloads(constructs) });
    const made = constructs[0]!.getReturnType();
    if (this.classes.get(made.symbol) === path) this.pending.push([path, made]);
  }

  /** The members that a class itself declares; those it inherits belong to the class that has them. */
  private members(path: string, type: ts.Type): void {
    const inherited = this.inherited(type);
    for (const member of type.getProperties()) {
      if (!isPublic(member.name) || member.name === 'constructor' || inherited.has(member.name) || isHidden(member)) continue;
      const kind = this.checker.getTypeOfSymbol(member);
      const calls = kind.getCallSignatures();
      const at = { path: member.name, of: path };
      if (calls.length > 0) this.callables.push({ ...at, how: 'method', overloads: this.overloads(calls) });
      else {
        this.callables.push({ ...at, how: 'get', overloads: [[]] });
        const isSet = member.declarations?.some((declaration) => ts.isSetAccessor(declaration)) ?? false;
        if (isSet) this.callables.push({ ...at, how: 'set', overloads: [[{ name: 'value', kind: this.kind(kind), optional: false, rest: false }]] });
      }
    }
  }

  /** The names that the members of public ancestors have. */
  private inherited(type: ts.Type): ReadonlySet<string> {
    const bases = type.getBaseTypes() ?? [];
    return new Set(bases.flatMap((base) => (this.classes.has(base.symbol) ? base.getProperties().map(({ name }) => name) : [...this.inherited(base)])));
  }

  private overloads(signatures: readonly ts.Signature[]): Parameter[][] {
    return signatures.flatMap((signature) => this.expand(signature));
  }

  /** A rest parameter whose type is a union of tuples states overloads. */
  private expand(signature: ts.Signature): Parameter[][] {
    const list = signature.getParameters();
    const last = list.at(-1);
    const isRest = last?.declarations?.some((d) => ts.isParameter(d) && d.dotDotDotToken !== undefined) ?? false;
    const plain = (isRest ? list.slice(0, -1) : list).map((parameter) => this.parameter(parameter));
    if (!isRest) return [plain];
    const type = this.checker.getTypeOfSymbol(last!);
    const parts = (type.isUnion() ? type.types : [type]).slice(0, 12);
    const names = this.namesOf(parts);
    return parts.map((part) => {
      if (!this.checker.isTupleType(part)) return [...plain, { ...this.parameter(last!), kind: this.elementOf(part), rest: true }];
      const { elementFlags, labeledElementDeclarations } = (part as ts.TupleTypeReference).target;
      const elements = this.checker.getTypeArguments(part as ts.TypeReference).map((element, i): Parameter => ({
        name: nameOf(labeledElementDeclarations?.[i]?.name.getText()) ?? names[i] ?? 'value',
        kind: this.kind(element),
        optional: (elementFlags[i]! & ts.ElementFlags.Optional) !== 0,
        rest: (elementFlags[i]! & ts.ElementFlags.Variable) !== 0,
      }));
      return [...plain, ...elements];
    });
  }

  /** The names that the form with one object states, for the forms by position, which have none. */
  private namesOf(parts: readonly ts.Type[]): string[] {
    const forms = parts.filter((part) => this.checker.isTupleType(part)).map((part) => this.checker.getTypeArguments(part as ts.TypeReference));
    const byName = forms.find((elements) => elements.length === 1 && elements[0]!.getProperties().length > 0 && elements[0]!.getCallSignatures().length === 0);
    return byName?.[0]!.getNonNullableType().getProperties().map(({ name }) => name) ?? [];
  }

  private elementOf(type: ts.Type): number {
    const element = this.checker.getIndexTypeOfType(type, ts.IndexKind.Number);
    return element ? this.kind(element) : this.keep({ is: 'any' });
  }

  private parameter(symbol: ts.Symbol): Parameter {
    const isOptional = (symbol.flags & ts.SymbolFlags.Optional) !== 0
      || (symbol.declarations?.some((d) => ts.isParameter(d) && (d.questionToken !== undefined || d.initializer !== undefined)) ?? false);
    return { name: symbol.name, kind: this.kind(this.checker.getTypeOfSymbol(symbol)), optional: isOptional, rest: false };
  }

  private keep(kind: Kind): number {
    return this.kinds.push(kind) - 1;
  }

  private kind(type: ts.Type): number {
    const had = this.known.get(type);
    if (had !== undefined) return had;
    const index = this.keep({ is: 'any' });
    this.known.set(type, index);
    this.kinds[index] = this.describe(type);
    return index;
  }

  private describe(type: ts.Type): Kind {
    const { flags } = type;
    if (flags & ts.TypeFlags.TypeParameter) {
      const bound = this.checker.getBaseConstraintOfType(type);
      return bound && bound !== type ? this.describe(bound) : { is: 'any' };
    }
    if (flags & ts.TypeFlags.BooleanLiteral) return { is: 'literal', value: this.checker.typeToString(type) === 'true' };
    if (type.isStringLiteral() || type.isNumberLiteral()) return { is: 'literal', value: type.value };
    if (flags & ts.TypeFlags.NumberLike) return { is: 'number' };
    if (flags & ts.TypeFlags.BigIntLike) return { is: 'bigint' };
    if (flags & ts.TypeFlags.Boolean) return { is: 'boolean' };
    if (flags & ts.TypeFlags.StringLike) return { is: 'string' };
    if (flags & ts.TypeFlags.Null) return { is: 'null' };
    if (flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void)) return { is: 'undefined' };
    if (type.isUnion()) return { is: 'union', of: type.types.map((part) => this.kind(part)) };
    const name = this.classes.get(type.symbol);
    if (name === 'Tensor') return { is: 'tensor' };
    if (name !== undefined) return { is: 'class', name };
    return this.describeStructure(type);
  }

  private describeStructure(type: ts.Type): Kind {
    if (this.checker.isTupleType(type)) return { is: 'tuple', of: this.checker.getTypeArguments(type as ts.TypeReference).map((part) => this.kind(part)) };
    if (this.checker.isArrayType(type)) return { is: 'array', of: this.elementOf(type) };
    const calls = type.getCallSignatures();
    if (calls.length > 0) return { is: 'function', parameters: calls[0]!.getParameters().length };
    if (type.getConstructSignatures().length > 0) return { is: 'any' };
    const symbolName = (type.symbol as ts.Symbol | undefined)?.name ?? '';
    if (/\dArray$/.test(symbolName)) return { is: 'class', name: symbolName };
    const element = this.checker.getIndexTypeOfType(type, ts.IndexKind.String);
    if (element) return { is: 'record', of: this.kind(element) };
    const members = type.getProperties();
    if (members.some(({ name }) => name.startsWith('__@iterator'))) {
      const [of] = this.checker.getTypeArguments(type as ts.TypeReference);
      return of ? { is: 'array', of: this.kind(of) } : { is: 'iterable' };
    }
    return { is: 'object', members: members.filter(({ name }) => isPublic(name)).map((member) => this.parameter(member)) };
  }
}

/** Whether it is the type of a class's instances, also with members besides, and not of a namespace. */
function isInstance(type: ts.Type): boolean {
  return partsOf(type).some(({ symbol }) => (((symbol as ts.Symbol | undefined)?.flags ?? 0) & ts.SymbolFlags.Class) !== 0);
}

function partsOf(type: ts.Type): readonly ts.Type[] {
  return type.isIntersection() ? type.types : [type];
}

/** `value` stands where an element of a tuple has no name of its own. */
function nameOf(label: string | undefined): string | undefined {
  return label === 'value' ? undefined : label;
}

/** Whether a member is private, or marked as internal. */
function isHidden(member: ts.Symbol): boolean {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  const isNotPublic = member.declarations?.some((d) => (ts.getCombinedModifierFlags(d) & hidden) !== 0) ?? false;
  return isNotPublic || member.getJsDocTags().some(({ name }) => name === 'internal');
}

/** Whether the declarations refuse that the class itself is constructed. */
function isAbstract(type: ts.Type): boolean {
  return type.symbol.declarations?.some((d) => ts.isClassDeclaration(d) && (ts.getCombinedModifierFlags(d) & ts.ModifierFlags.Abstract) !== 0) ?? false;
}

function isPublic(name: string): boolean {
  return !/^_|^#|^prototype$/.test(name);
}
