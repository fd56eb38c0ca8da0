/**
 * The time zone of everything that a platform runs, whatever that of the shell that starts it: nodes
 * with different ones put the same row into different partitions.
 */
export const TIME_ZONE = 'UTC';
