/** The decisions that are measured: policies with their data and a few inputs each. */

/** A policy with what it is asked. */
export interface RegoCase {
  readonly name: string;
  readonly policy: string;
  /** What is asked, after `data`, with dots. */
  readonly entrypoint: string;
  readonly data: Record<string, unknown>;
  readonly inputs: readonly unknown[];
}

/** How many of what is large; smaller in a trial run. */
export interface RegoSizes {
  /** Roles of the large role check; 20 are the small one. */
  readonly roles: number;
  readonly rules: number;
  readonly entries: number;
}

export const REGO_SIZES: RegoSizes = { roles: 1_200, rules: 1_000, entries: 100_000 };

/** The decisions that the bench asks for. */
export function regoCases({ roles, rules, entries }: RegoSizes): RegoCase[] {
  return [
    roleCheck(20),
    roleCheck(roles),
    roleRules(rules),
    attributeRules(),
    keyedEntries(entries),
    searchedEntries(entries),
    ...controlCoreSamples(),
  ];
}

function times<Made>(count: number, make: (index: number) => Made): Made[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function named<Made>(count: number, make: (index: number) => readonly [string, Made]): Record<string, Made> {
  return Object.fromEntries(times(count, make));
}

const ACTIONS = ['read', 'write', 'delete', 'approve', 'export'];

/** Which roles a user has, and what each role may do, is data. */
function roleCheck(roles: number): RegoCase {
  return {
    name: `${roles} roles in data`,
    policy: `package authz

default allow := false

allow if {
	some name in data.assigned[input.user]
	some role in data.roles
	role.name == name
	some grant in role.grants
	grant.action == input.action
	startswith(input.resource, grant.prefix)
}
`,
    entrypoint: 'authz.allow',
    data: {
      roles: times(roles, (index) => ({
        name: `role_${index}`,
        grants: ACTIONS.slice(0, 3).map((action, at) => ({ action, prefix: `/area/${index}/${at}` })),
      })),
      assigned: named(50, (user) => [`user_${user}`, times(4, (at) => `role_${(user * 7 + at * 3) % roles}`)]),
    },
    inputs: times(8, (index) => {
      const role = (index * 7 + 9) % roles;
      return {
        user: `user_${index}`,
        action: index % 2 === 0 ? 'write' : 'export',
        resource: `/area/${role}/1/item`,
      };
    }),
  };
}

/** Each role is a rule: the index of rules finds those of the roles that the user has. */
function roleRules(rules: number): RegoCase {
  const bodies = times(rules, (index) => {
    const demand = [
      `"role_${index}" in input.roles`,
      `input.role == "role_${index}"`,
      `startswith(input.path, "/area/${index}/")`,
    ][index % 3]!;
    return `allow if {\n\t${demand}\n\tinput.action in {"read", "list"}\n}\n`;
  });
  return {
    name: `${rules} rules, one for each role or path`,
    policy: `package authz\n\ndefault allow := false\n\n${bodies.join('\n')}`,
    entrypoint: 'authz.allow',
    data: {},
    inputs: times(8, (index) => ({
      roles: [`role_${index * 30}`, 'guest', 'everyone'],
      role: `role_${index * 30 + 1}`,
      path: `/area/${index * 30 + 2}/file`,
      action: index % 2 === 0 ? 'list' : 'write',
    })),
  };
}

/** Comprehensions over the 50 documents of a request. */
function attributeRules(): RegoCase {
  return {
    name: 'attribute rules over 50 items',
    policy: `package abac

default allow := false

visible contains document.id if {
	some document in input.documents
	document.level <= input.user.clearance
	document.region in input.user.regions
}

secret := [document.id | some document in input.documents; document.level > 3]

owners := {document.id: document.owner | some document in input.documents; document.owner != input.user.id}

own := {document.id | some document in input.documents; document.owner == input.user.id}

allow if {
	count(visible) > 10
	count(secret) < 25
	count(owners) + count(own) == count(input.documents)
	every document in input.documents { document.level < 6 }
}
`,
    entrypoint: 'abac.allow',
    data: {},
    inputs: times(8, (index) => ({
      user: { id: `user_${index}`, clearance: 2 + (index % 3), regions: ['eu', index % 2 === 0 ? 'us' : 'ap'] },
      documents: times(50, (at) => ({
        id: `document_${at}`,
        owner: `user_${at % 12}`,
        level: (at + index) % 6,
        region: ['eu', 'us', 'ap', 'af'][at % 4],
      })),
    })),
  };
}

const ENTRY_INPUTS = (entries: number) =>
  times(8, (index) => ({ user: `user_${(index * 12_345) % entries}`, level: index % 5 }));

function keyedEntries(entries: number): RegoCase {
  return {
    name: `a key among ${entries} entries`,
    policy: `package entries

default allow := false

allow if {
	user := data.users[input.user]
	user.level >= input.level
	user.active
}
`,
    entrypoint: 'entries.allow',
    data: {
      users: named(entries, (index) => [
        `user_${index}`,
        { level: index % 7, active: true, team: `team_${index % 90}` },
      ]),
    },
    inputs: ENTRY_INPUTS(entries),
  };
}

function searchedEntries(entries: number): RegoCase {
  return {
    name: `a search among ${entries} entries`,
    policy: `package entries

default allow := false

allow if {
	some user in data.users
	user.id == input.user
	user.level >= input.level
	not input.user in data.blocked
}
`,
    entrypoint: 'entries.allow',
    data: {
      users: times(entries, (index) => ({ id: `user_${index}`, level: index % 7 })),
      blocked: times(Math.ceil(entries / 10), (index) => `user_${index * 10 + 7}`),
    },
    inputs: ENTRY_INPUTS(entries),
  };
}

/** The policies that the specification of Control Core shows. */
function controlCoreSamples(): RegoCase[] {
  const sample = (name: string, conditions: string): RegoCase => ({
    name: `Control Core, ${name}`,
    policy: `package controlcore.policy\n\nimport rego.v1\n\ndefault allow := false\n\nallow if {\n${conditions}\n}\n`,
    entrypoint: 'controlcore.policy.allow',
    data: {},
    inputs: ['admin', 'developer', 'auditor'].map((role, index) => ({
      user: { id: `user-${index}`, roles: ['employee', role], attributes: { department: 'engineering' } },
      resource: { type: 'api', path: '/api/users' },
      action: { name: index === 2 ? 'write' : 'read' },
      context: { ip: '10.0.0.1' },
    })),
  });
  return [
    sample('administrators', '\tinput.user.roles[_] == "admin"'),
    sample('developers', '\tinput.user.roles[_] == "developer"\n\tinput.action.name == "read"'),
  ];
}

/** A module of at least so many bytes, of rules as people write them. */
export function largeModule(bytes: number): string {
  let text = 'package large\n\ndefault allow := false\n';
  for (let index = 0; text.length < bytes; index++) {
    text += `
# Team ${index} may use what is its own, or what its lead approved.
allow if {
	input.team == "team_${index}"
	some grant in data.grants["team_${index}"]
	grant.action == input.action
	startswith(input.path, grant.prefix)
	not blocked_${index}[input.user]
}

blocked_${index} contains user.name if {
	some user in data.users
	user.team == "team_${index}"
	count([entry | some entry in data.entries; entry.user == user.name; entry.severity > ${index % 9}]) >= limit_${index}(user.level)
}

limit_${index}(level) := 3 if level > ${index % 5}

limit_${index}(level) := 1 if level <= ${index % 5}
`;
  }
  return text;
}
