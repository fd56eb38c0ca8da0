/** Where containers find Flower. */
export const FLOWER_INSIDE = 'airflow-flower:5555';

/**
 * What Flower is given where its metrics are scraped: without it Flower says of a worker that was killed
 * that it is online. Seconds after a worker's last heartbeat.
 */
export const SCRAPED_FLOWER = { FLOWER_PURGE_OFFLINE_WORKERS: '15' };
