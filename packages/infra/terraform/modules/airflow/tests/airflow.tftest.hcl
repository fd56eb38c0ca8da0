mock_provider "docker" {}

variables {
  platform      = "demo"
  running       = true
  config_folder = "../../tests/fixtures/config"
  dags_folder   = "/srv/dags"
  workers       = 1
  image         = "provehouse/airflow:3.3.2"
  ports         = { airflow = 18080, flower = 15555 }
  memory_mib    = 2048
  networks      = ["provehouse-demo-postgres", "provehouse-demo-redis", "provehouse-demo-clickhouse"]
  accounts_job  = "job-1"
}

run "there_is_one_container_for_each_component" {
  command = plan
  assert {
    condition = { for component, made in output.containers : component => made.command } == {
      airflow-api-server    = tolist(["airflow", "api-server"])
      airflow-scheduler     = tolist(["python3", "/opt/provehouse/idle_scheduler.py"])
      airflow-dag-processor = tolist(["airflow", "dag-processor"])
      airflow-triggerer     = tolist(["airflow", "triggerer", "--skip-serve-logs"])
      airflow-worker        = tolist(["airflow", "celery", "worker", "--skip-serve-logs"])
      airflow-flower        = tolist(["airflow", "celery", "flower"])
    }
    error_message = "Expected six components, each with its command."
  }
}

run "workers_scale_out" {
  command = plan
  variables {
    workers = 3
  }
  assert {
    condition = toset([for component in keys(output.containers) : component if strcontains(component, "worker")]) == toset([
      "airflow-worker", "airflow-worker-02", "airflow-worker-03",
    ])
    error_message = "Expected three workers."
  }
  assert {
    condition     = output.containers.airflow-worker-03.hostname == "airflow-worker-03"
    error_message = "Expected every worker to have a name of its own, by which its health is asked."
  }
}

run "everything_runs_as_the_images_user_within_the_limit" {
  command = plan
  assert {
    condition = alltrue([
      for made in concat(values(output.containers), [module.migrate["airflow-migrate"].container]) :
      made.user == "50000:0" && made.memory == 2048
    ])
    error_message = "Expected 50000:0 and 2048 MiB."
  }
}

run "everything_has_the_labels_of_airflow" {
  command = plan
  assert {
    condition = alltrue([
      for component, made in merge(output.containers, { airflow-migrate = module.migrate["airflow-migrate"].container }) :
      { for label in made.labels : label.label => label.value } == {
        "org.provehouse.platform"  = "demo"
        "org.provehouse.component" = component
        "org.provehouse.kind"      = "airflow"
      }
    ])
    error_message = "Expected the three labels on every container."
  }
  assert {
    condition = alltrue([
      for labels in [module.network[0].labels, docker_volume.logs.labels] :
      { for label in labels : label.label => label.value } == {
        "org.provehouse.platform"  = "demo"
        "org.provehouse.component" = "airflow"
        "org.provehouse.kind"      = "airflow"
      }
    ])
    error_message = "Expected the same three labels on network and volume."
  }
}

run "only_the_pages_are_published_on_the_loopback_address" {
  command = plan
  assert {
    condition = {
      for component, made in output.containers : component =>
      [for port in made.ports : "${port.ip}:${port.external}:${port.internal}"] if length(made.ports) > 0
      } == {
      airflow-api-server = ["127.0.0.1:18080:8080"]
      airflow-flower     = ["127.0.0.1:15555:5555"]
    }
    error_message = "Expected the api-server's and Flower's port of 127.0.0.1 and no other."
  }
}

run "everything_reaches_what_airflow_uses" {
  command = plan
  assert {
    condition = alltrue([
      for made in concat(values(output.containers), [module.migrate["airflow-migrate"].container]) :
      toset([for joined in made.networks_advanced : joined.name]) == toset([
        "provehouse-demo-airflow", "provehouse-demo-postgres", "provehouse-demo-redis", "provehouse-demo-clickhouse",
      ])
    ])
    error_message = "Expected Airflow's network and the three that were asked for."
  }
  assert {
    condition     = output.network == "provehouse-demo-airflow"
    error_message = "Expected the network's name."
  }
}

run "each_component_is_asked_for_its_own_work" {
  command = plan
  assert {
    condition = {
      for component, made in output.containers : component => slice(
        one(made.healthcheck).test, length(one(made.healthcheck).test) - 3, length(one(made.healthcheck).test)
      )
      } == {
      airflow-api-server    = tolist(["python3", "/opt/provehouse/health.py", "api-server"])
      airflow-scheduler     = tolist(["python3", "/opt/provehouse/health.py", "SchedulerJob"])
      airflow-dag-processor = tolist(["python3", "/opt/provehouse/health.py", "DagProcessorJob"])
      airflow-triggerer     = tolist(["python3", "/opt/provehouse/health.py", "TriggererJob"])
      airflow-worker        = tolist(["python3", "/opt/provehouse/health.py", "worker"])
      airflow-flower        = tolist(["python3", "/opt/provehouse/health.py", "flower"])
    }
    error_message = "Expected health.py with what each component is asked for."
  }
  assert {
    condition = alltrue([
      for made in output.containers : contains([for upload in made.upload : upload.file], "/opt/provehouse/health.py")
    ])
    error_message = "Expected health.py in every container."
  }
}

run "settings_come_from_a_file" {
  command = plan
  assert {
    condition = alltrue([
      for made in concat(values(output.containers), [module.migrate["airflow-migrate"].container]) :
      made.entrypoint == tolist([
        "python3", "/opt/provehouse/with_environment.py", "/run/provehouse/environment.json",
      ])
    ])
    error_message = "Expected every command to be started with the settings of environment.json."
  }
  assert {
    condition     = alltrue([for made in output.containers : length(made.env) == 0])
    error_message = "Expected no environment, because it can be read by whoever looks at the container."
  }
}

run "only_the_job_is_given_the_administrators_account" {
  command = plan
  assert {
    condition = alltrue([
      for made in output.containers : !contains([for upload in made.upload : upload.file], "/run/provehouse/administrator.json")
    ])
    error_message = "Expected administrator.json in no component."
  }
  assert {
    condition = contains(
      [for upload in module.migrate["airflow-migrate"].container.upload : upload.file], "/run/provehouse/administrator.json",
    )
    error_message = "Expected administrator.json in the job."
  }
}

run "the_job_is_not_restarted" {
  command = plan
  assert {
    condition = (
      module.migrate["airflow-migrate"].container.restart == "no"
      && length(module.migrate["airflow-migrate"].container.healthcheck) == 0
      && length(module.migrate["airflow-migrate"].container.ports) == 0
    )
    error_message = "Expected a job without restart, health check and port."
  }
}

run "the_job_runs_again_after_the_one_that_made_the_database" {
  command = plan
  assert {
    condition     = toset(module.migrate["airflow-migrate"].container.env) == toset(["ACCOUNTS_JOB=job-1"])
    error_message = "Expected the other job's id among the job's settings."
  }
}

run "dags_are_read_and_logs_are_written" {
  command = plan
  assert {
    condition = alltrue([
      for made in output.containers : {
        for volume in made.volumes : volume.container_path =>
        "${coalesce(volume.host_path, volume.volume_name)} ${coalesce(volume.read_only, false) ? "read" : "written"}"
        } == {
        "/opt/airflow/dags" = "/srv/dags read"
        "/opt/airflow/logs" = "provehouse-demo-airflow-logs written"
      }
    ])
    error_message = "Expected the DAG files to be read only and one volume for all logs."
  }
}

run "tasks_are_given_time_to_end" {
  command = plan
  assert {
    condition     = output.containers.airflow-worker.stop_timeout == 30
    error_message = "Expected 30 seconds, found ${output.containers.airflow-worker.stop_timeout}."
  }
}

run "when_it_does_not_run_only_the_logs_are_there" {
  command = plan
  variables {
    running      = false
    accounts_job = null
    networks     = []
  }
  assert {
    condition = (
      length(output.containers) == 0 && length(module.migrate) == 0
      && length(module.network) == 0 && length(docker_image.this) == 0
    )
    error_message = "Expected no container, no network and no image."
  }
  assert {
    condition     = output.network == null
    error_message = "Expected no network."
  }
  assert {
    condition     = docker_volume.logs.name == "provehouse-demo-airflow-logs"
    error_message = "Expected the volume to stay."
  }
}

run "without_an_exporter_no_setting_is_in_the_environment" {
  command = plan
  assert {
    condition     = alltrue([for made in output.containers : length(made.env) == 0])
    error_message = "Expected no environment variable, found ${jsonencode([for made in output.containers : made.env])}."
  }
}

run "components_follow_what_takes_their_metrics_and_the_migration_does_not" {
  command = plan
  variables {
    metrics_exporter = "exporter-1"
  }
  assert {
    condition     = alltrue([for made in output.containers : contains(made.env, "METRICS_EXPORTER=exporter-1")])
    error_message = "Expected a reference to the exporter in each component."
  }
  assert {
    condition     = !contains(module.migrate["airflow-migrate"].container.env, "METRICS_EXPORTER=exporter-1")
    error_message = "Expected none in the job."
  }
}

run "workers_alone_are_given_what_verifies_and_write_its_reports" {
  command = plan
  variables {
    workers        = 2
    quality_report = { node = "/srv/node", reports = "/srv/reports" }
  }
  assert {
    condition = alltrue([
      for made in [output.containers.airflow-worker, output.containers.airflow-worker-02] : {
        for volume in made.volumes : volume.container_path => "${volume.host_path} ${coalesce(volume.read_only, false) ? "read" : "written"}"
        if volume.host_path != null
        } == {
        "/opt/airflow/dags"           = "/srv/dags read"
        "/opt/provehouse/node"        = "/srv/node read"
        "/opt/airflow/quality-report" = "/srv/reports written"
      }
    ])
    error_message = "Expected Node.js, and the folder of the reports, in each worker."
  }
  assert {
    condition = toset([
      for component, made in output.containers : component
      if contains([for upload in made.upload : upload.file], "/opt/provehouse/provehouse.mjs")
    ]) == toset(["airflow-worker", "airflow-worker-02"])
    error_message = "Expected the program in the workers, and nowhere else."
  }
  assert {
    condition     = alltrue([for volume in output.containers.airflow-scheduler.volumes : !strcontains(volume.container_path, "provehouse")])
    error_message = "Expected neither Node.js nor verdicts in what runs no task."
  }
}

run "where_verdicts_are_served_workers_write_them" {
  command = plan
  variables {
    quality_report = { node = "/srv/node", reports = "/srv/reports", verdicts = "/srv/verdicts" }
  }
  assert {
    condition = [
      for volume in output.containers.airflow-worker.volumes : "${volume.host_path} ${coalesce(volume.read_only, false)}"
      if volume.container_path == "/opt/provehouse/verdicts"
    ] == ["/srv/verdicts false"]
    error_message = "Expected the folder of verdicts, which the worker writes to."
  }
}
