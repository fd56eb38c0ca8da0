/** One table of `iptables-save`: policies and names of chains, and rules in their order. */
interface Table {
  readonly policies: ReadonlyMap<string, string>;
  readonly rules: readonly string[];
}

/** A rule that an engine makes names one of its chains or its bridges. */
const OF_ENGINE = /(^|\s)(DOCKER\S*|docker0|br-[0-9a-f]{12})(\s|$)/;
/** What `iptables-save` writes for a chain that somebody has made and that has no policy. */
const NO_POLICY = '-';
const DEFAULT_POLICY = 'ACCEPT';

/**
 * Input for `iptables-restore --noflush` that takes back what a container engine has changed between
 * two outputs of `iptables-save`: its rules and chains, and the policy for forwarded packets. Rules
 * that others have added meanwhile stay. Empty when there is nothing to take back.
 */
export function rulesThatUndo(before: string, after: string): string {
  const former = tablesOf(before);
  return [...tablesOf(after)]
    .map(([name, table]) => undoTable(name, former.get(name), table))
    .join('');
}

function undoTable(name: string, before: Table | undefined, after: Table): string {
  const chains = [...after.policies]
    .filter(([chain, policy]) => policy === NO_POLICY && OF_ENGINE.test(chain))
    .map(([chain]) => chain)
    .filter((chain) => before?.policies.has(chain) !== true);
  const rules = without(after.rules, before?.rules ?? [])
    .filter((rule) => OF_ENGINE.test(rule))
    // Those in a chain that goes are flushed with it.
    .filter((rule) => !chains.includes(rule.split(' ')[1] ?? ''));
  const lines = [
    ...forwardPolicy(before, after),
    ...rules.map((rule) => rule.replace(/^-A/, '-D')),
    // All are emptied first, because one may lead to another.
    ...chains.map((chain) => `-F ${chain}`),
    ...chains.map((chain) => `-X ${chain}`),
  ];
  return lines.length === 0 ? '' : `*${name}\n${lines.join('\n')}\nCOMMIT\n`;
}

function forwardPolicy(before: Table | undefined, after: Table): string[] {
  const now = after.policies.get('FORWARD');
  const then = before?.policies.get('FORWARD') ?? DEFAULT_POLICY;
  return now === undefined || now === then ? [] : [`-P FORWARD ${then}`];
}

function tablesOf(saved: string): Map<string, Table> {
  const tables = new Map<string, { policies: Map<string, string>; rules: string[] }>();
  let table = { policies: new Map<string, string>(), rules: new Array<string>() };
  for (const line of saved.split('\n')) {
    if (line.startsWith('*')) {
      table = { policies: new Map(), rules: [] };
      tables.set(line.slice(1), table);
    } else if (line.startsWith(':')) {
      const [chain = '', policy = ''] = line.slice(1).split(' ');
      table.policies.set(chain, policy);
    } else if (line.startsWith('-A ')) {
      table.rules.push(line);
    }
  }
  return tables;
}

/** The items of `all` less those of `some`, each as often as it is in there. */
function without(all: readonly string[], some: readonly string[]): string[] {
  const left = [...some];
  return all.filter((item) => {
    const index = left.indexOf(item);
    if (index === -1) return true;
    left.splice(index, 1);
    return false;
  });
}
