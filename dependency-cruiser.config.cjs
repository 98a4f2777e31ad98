// The arrows of the house: routes → service → store → db; the kernel knows no feature; rego, policy and crypto know nothing of ours.
/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    // A recursive-descent parser and its printer are mutually recursive by nature, so the rule leaves server/rego out.
    {
      name: 'no-circular',
      severity: 'error',
      from: { pathNot: '^server/rego/' },
      to: { circular: true },
    },
    {
      name: 'crypto-stands-alone',
      comment: 'server/crypto could be published on its own.',
      severity: 'error',
      from: { path: '^server/crypto/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(server|cli)/', pathNot: '^server/crypto/' },
    },
    {
      name: 'rego-stands-alone',
      severity: 'error',
      from: { path: '^server/rego/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(server|cli)/', pathNot: '^server/rego/' },
    },
    {
      name: 'policy-stands-alone',
      comment: 'The policy language knows nothing of the server.',
      severity: 'error',
      from: { path: '^server/policy/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(server|cli)/', pathNot: '^server/policy/' },
    },
    {
      name: 'kernel-knows-no-feature',
      severity: 'error',
      from: { path: '^server/kernel/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(server/features/|server/policy/|server/rego/|cli/)' },
    },
    {
      name: 'db-knows-no-feature',
      severity: 'error',
      from: { path: '^server/db/', pathNot: '(\\.test\\.ts|audit-operations\\.ts)$' },
      to: { path: '^(server/features/|cli/)' },
    },
    {
      name: 'features-meet-through-services',
      comment: "A feature may take another feature's service as a type; never its store, never its code.",
      severity: 'error',
      from: { path: '^server/features/([^/]+)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^server/features/', pathNot: '^server/features/$1/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'stores-are-private',
      severity: 'error',
      from: { path: '^server/features/([^/]+)/' },
      to: { path: '^server/features/[^/]+/store', pathNot: '^server/features/$1/' },
    },
    {
      name: 'routes-do-not-touch-the-database',
      severity: 'error',
      from: { path: '/routes' },
      to: { path: '(^server/db/(open|database|tables)|/store)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'server-does-not-know-the-command-line',
      severity: 'error',
      from: { path: '^server/' },
      to: { path: '^cli/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'] },
  },
};
