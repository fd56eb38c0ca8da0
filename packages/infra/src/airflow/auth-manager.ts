/** Airflow's login with users and roles in its own database. */
export const FAB_AUTH_MANAGER =
  'airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager';
