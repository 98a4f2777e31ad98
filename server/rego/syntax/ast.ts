/** The syntax tree of Rego: what the parser makes and what every later stage reads. Nodes are never changed. */
import type { Location } from '../errors.ts';
import type { RegoNumber } from '../values.ts';

/** A constant that needs no evaluation. */
export interface ScalarTerm {
  readonly kind: 'scalar';
  readonly value: null | boolean | string | RegoNumber;
  readonly location: Location;
}

/** A variable; `shown` is the name in the source where a later stage renamed it. */
export interface VarTerm {
  readonly kind: 'var';
  readonly name: string;
  readonly shown?: string;
  readonly location: Location;
}

/** `head.a[b]`: the terms are the head and every step. */
export interface RefTerm {
  readonly kind: 'ref';
  readonly terms: readonly Term[];
  readonly location: Location;
}

export interface ArrayTerm {
  readonly kind: 'array';
  readonly items: readonly Term[];
  readonly location: Location;
}

export interface SetTerm {
  readonly kind: 'set';
  readonly items: readonly Term[];
  readonly location: Location;
}

export interface ObjectTerm {
  readonly kind: 'object';
  readonly entries: readonly (readonly [Term, Term])[];
  readonly location: Location;
}

/** `[term | body]`, `{term | body}`, `{key: term | body}`. */
export interface ComprehensionTerm {
  readonly kind: 'comprehension';
  readonly collect: 'array' | 'set' | 'object';
  /** Present for objects only. */
  readonly key?: Term | undefined;
  readonly term: Term;
  readonly body: Body;
  /** Made by a later stage for what is shown of an expression, whose variables must be bound outside of it. */
  readonly shows?: true | undefined;
  readonly location: Location;
}

/** A call used as a value. */
export interface CallTerm {
  readonly kind: 'call';
  readonly operator: RefTerm;
  readonly args: readonly Term[];
  /** The sign it was written with, as `+`, or undefined for `f(x)`. */
  readonly infix?: string | undefined;
  readonly location: Location;
}

/** `$"text {expression} text"`. */
export interface TemplateTerm {
  readonly kind: 'template';
  readonly raw: boolean;
  readonly parts: readonly (string | Expr)[];
  readonly location: Location;
}

export type Term =
  | ScalarTerm
  | VarTerm
  | RefTerm
  | ArrayTerm
  | SetTerm
  | ObjectTerm
  | ComprehensionTerm
  | CallTerm
  | TemplateTerm;

/** `with target as value`. */
export interface With {
  readonly target: RefTerm;
  readonly value: Term;
  readonly location: Location;
}

interface ExprBase {
  readonly location: Location;
  readonly with: readonly With[];
}

/** A term whose value must be neither undefined nor false. */
export interface TermExpr extends ExprBase {
  readonly kind: 'term';
  readonly negated: boolean;
  readonly term: Term;
}

/** A call as an expression, with the output as its last argument where it has one; `=` is `eq`, `:=` is `assign`. */
export interface CallExpr extends ExprBase {
  readonly kind: 'call';
  readonly negated: boolean;
  readonly operator: RefTerm;
  readonly args: readonly Term[];
  readonly infix?: string | undefined;
  /** Made by a later stage for a part of another expression. */
  readonly generated?: true | undefined;
  /** Holds a reference or comprehension inside the next expression that is not held itself. */
  readonly held?: true | undefined;
}

/** `some x, y`. */
export interface SomeDeclExpr extends ExprBase {
  readonly kind: 'some-decl';
  readonly vars: readonly VarTerm[];
}

/** `some key, value in domain`. */
export interface SomeInExpr extends ExprBase {
  readonly kind: 'some-in';
  readonly key?: Term | undefined;
  readonly value: Term;
  readonly domain: Term;
}

/** `every key, value in domain { body }`. */
export interface EveryExpr extends ExprBase {
  readonly kind: 'every';
  readonly key?: VarTerm | undefined;
  readonly value: VarTerm;
  readonly domain: Term;
  readonly body: Body;
  readonly negated: boolean;
}

/** `not { body }`, and `not expr` under `future.keywords.not`: the body has a scope of its own. */
export interface NotExpr extends ExprBase {
  readonly kind: 'not';
  readonly body: Body;
  /** Whether the source had braces. */
  readonly braced: boolean;
}

/** One side of `and` or `or`: a single expression or a braced body. */
export interface LogicOperand {
  readonly body: Body;
  readonly braced: boolean;
  readonly location: Location;
}

/** `left and right`, `left or right`. */
export interface LogicExpr extends ExprBase {
  readonly kind: 'logic';
  readonly operator: 'and' | 'or';
  readonly left: LogicOperand;
  readonly right: LogicOperand;
  /** Whether the source had the whole in parentheses. */
  readonly grouped?: true | undefined;
}

export type Expr = TermExpr | CallExpr | SomeDeclExpr | SomeInExpr | EveryExpr | NotExpr | LogicExpr;
export type Body = readonly Expr[];

/** What a rule defines: `ref` with the package left out. */
export interface RuleHead {
  /** The name and the steps after it; the first is always a variable. */
  readonly ref: RefTerm;
  /** Arguments of a function. */
  readonly args?: readonly Term[] | undefined;
  /** `contains key`: the rule adds a member to a set. */
  readonly key?: Term | undefined;
  /** The value; absent in the source means true. */
  readonly value?: Term | undefined;
  /** `:=` rather than `=`. */
  readonly assign: boolean;
  readonly location: Location;
}

export interface Rule {
  readonly head: RuleHead;
  readonly body: Body;
  /** Whether the source had a body. */
  readonly hasBody: boolean;
  readonly isDefault: boolean;
  readonly else?: Rule | undefined;
  readonly annotations?: readonly Annotations[] | undefined;
  readonly location: Location;
  /** Bodies written one after another as `{…} {…}` share this. */
  readonly chained?: true | undefined;
}

export interface Import {
  readonly path: RefTerm;
  readonly alias?: string | undefined;
  readonly location: Location;
}

export interface Comment {
  /** The text after `#`. */
  readonly text: string;
  readonly location: Location;
}

/** What a `# METADATA` block says of a place in `input` or `data`: one of `schema` and `definition`. */
export interface SchemaDeclaration {
  /** From `input` or `data`. */
  readonly path: readonly Term[];
  /** From `schema`: the reference to a schema of a file. */
  readonly schema?: readonly Term[];
  /** The JSON schema itself, with a path of constants. */
  readonly definition?: unknown;
}

/** A `# METADATA` block, read. */
export interface Annotations {
  readonly location: Location;
  readonly scope: 'rule' | 'document' | 'package' | 'subpackages';
  /** The whole block as JSON, in OPA's normal form. */
  readonly content: Readonly<Record<string, unknown>>;
  readonly schemas: readonly SchemaDeclaration[];
  /** The path it applies to, without `data`; undefined until the parser knows. */
  readonly target?: readonly string[] | undefined;
  readonly entrypoint: boolean;
  readonly endRow: number;
}

/** Which words are keywords and how rules without `if` and `contains` are read. */
export type RegoVersion = 'v0' | 'v1';

export interface Module {
  readonly file: string;
  readonly source: string;
  /** What the parser started from and what the imports made of it. */
  readonly version: RegoVersion;
  readonly package: { readonly path: readonly string[]; readonly location: Location };
  readonly imports: readonly Import[];
  readonly rules: readonly Rule[];
  readonly comments: readonly Comment[];
  readonly annotations: readonly Annotations[];
}
