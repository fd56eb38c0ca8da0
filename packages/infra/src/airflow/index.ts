export * from './airflow-answers.ts';
export * from './airflow-client.ts';
export { AirflowError } from './airflow-error.ts';
export { AirflowSession } from './airflow-session.ts';
export * from './flower-client.ts';
export { tail } from './log-text.ts';
