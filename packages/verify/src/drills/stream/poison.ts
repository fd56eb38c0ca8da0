const EVENT = '{"id":1,"kind":"view","amount":"1.00","created_at":1767225601}';

/** Texts that are no events, each in another way. */
export const POISON: readonly string[] = [
  'no event',
  // Cut off in its middle.
  EVENT.slice(0, -20),
  EVENT.replace('"id":1', '"id":"one"'),
  // Fields that are not there are not their defaults.
  '{}',
  '{"id":1}',
  '[1, "view", "1.00", 1767225601]',
  // Two events would be two rows of one place, of which one stays.
  `${EVENT}\n${EVENT.replace('"id":1', '"id":2')}`,
  `${EVENT} and more`,
  ' ',
];
