locals {
  environment_file = "/run/provehouse/environment.json"
  with_environment = ["python3", "/opt/provehouse/with_environment.py", local.environment_file]
  networks         = concat(module.network[*].name, var.networks)
  dags             = { "/opt/airflow/dags" = var.dags_folder }

  files = {
    (local.environment_file)              = "${var.config_folder}/airflow/environment.json"
    "/opt/provehouse/with_environment.py" = "${var.config_folder}/airflow/with_environment.py"
  }

  # The scheduler as it looks for work: often only while a run may go on.
  scheduler_script = "/opt/provehouse/idle_scheduler.py"
  scheduler_file   = { (local.scheduler_script) = "${var.config_folder}/airflow/idle_scheduler.py" }

  # The program that runs the checks for the DAG quality_report, and where it leaves what it finds; the DAG's
  # environment has the paths, too.
  program_file    = { "/opt/provehouse/provehouse.mjs" = "${var.config_folder}/airflow/provehouse.mjs" }
  program_folders = { "/opt/provehouse/node" = try(var.quality_report.node, "") }
  report_folders = {
    for path, folder in {
      "/opt/airflow/quality-report" = try(var.quality_report.reports, null)
      "/opt/provehouse/verdicts"    = try(var.quality_report.verdicts, null)
    } : path => folder if folder != null
  }
  verifying = var.quality_report == null ? [] : local.workers

  workers = [
    for number in range(1, var.workers + 1) :
    number == 1 ? "airflow-worker" : format("airflow-worker-%02d", number)
  ]

  components = merge(
    {
      airflow-api-server    = { command = ["airflow", "api-server"], check = "api-server", ports = { 8080 = var.ports.airflow } }
      airflow-scheduler     = { command = ["python3", local.scheduler_script], check = "SchedulerJob", ports = {} }
      airflow-dag-processor = { command = ["airflow", "dag-processor"], check = "DagProcessorJob", ports = {} }
      # The api-server reads the same log files itself.
      airflow-triggerer = { command = ["airflow", "triggerer", "--skip-serve-logs"], check = "TriggererJob", ports = {} }
      airflow-flower    = { command = ["airflow", "celery", "flower"], check = "flower", ports = { 5555 = var.ports.flower } }
    },
    {
      for worker in local.workers :
      worker => { command = ["airflow", "celery", "worker", "--skip-serve-logs"], check = "worker", ports = {} }
    },
  )
}

resource "docker_image" "this" {
  count        = var.running ? 1 : 0
  name         = var.image
  keep_locally = true
}

resource "docker_volume" "logs" {
  name = "provehouse-${var.platform}-airflow-logs"

  dynamic "labels" {
    for_each = merge(local.labels, { "org.provehouse.component" = "airflow" })
    content {
      label = labels.key
      value = labels.value
    }
  }
}

module "component" {
  source     = "../container"
  for_each   = var.running ? local.components : {}
  depends_on = [module.migrate]

  platform   = var.platform
  component  = each.key
  kind       = "airflow"
  image_id   = docker_image.this[0].image_id
  user       = "50000:0"
  entrypoint = local.with_environment
  command    = each.value.command
  memory_mib = var.memory_mib
  networks   = local.networks
  # Refers to the exporter, so that they come after it and are made again with it: they look for it once.
  environment = var.metrics_exporter == null ? {} : { METRICS_EXPORTER = var.metrics_exporter }
  ports       = each.value.ports
  volumes     = { "/opt/airflow/logs" = docker_volume.logs.name }
  folders     = merge(local.dags, contains(local.verifying, each.key) ? local.program_folders : {})
  files = merge(
    local.files,
    contains(local.verifying, each.key) ? local.program_file : {},
    each.key == "airflow-scheduler" ? local.scheduler_file : {},
  )
  written_folders = contains(local.verifying, each.key) ? local.report_folders : {}
  scripts         = { "/opt/provehouse/health.py" = file("${path.module}/health.py") }

  health = {
    test     = concat(["CMD"], local.with_environment, ["python3", "/opt/provehouse/health.py", each.value.check])
    interval = 5
    timeout  = 20
  }

  # Tasks that run are given time to end.
  stop = { seconds = 30 }
}
