mock_provider "docker" {}

variables {
  platform      = "demo"
  running       = true
  config_folder = "../../tests/fixtures/config"
  image         = "provehouse/superset:6.1.0"
  port          = 18088
  memory_mib    = 1024
  networks      = ["provehouse-demo-postgres", "provehouse-demo-clickhouse"]
  accounts_job  = "job-1"
}

run "server_and_job_run_as_the_images_user_within_the_limit" {
  command = plan
  assert {
    condition = alltrue([
      for made in [output.containers.superset, module.migrate["superset-migrate"].container] :
      made.user == "1000:1000" && made.memory == 1024
    ])
    error_message = "Expected 1000:1000 and 1024 MiB."
  }
}

run "everything_has_the_labels_of_superset" {
  command = plan
  assert {
    condition = alltrue([
      for component, labels in {
        superset-migrate = module.migrate["superset-migrate"].container.labels
        superset         = output.containers.superset.labels
      } :
      { for label in labels : label.label => label.value } == {
        "org.provehouse.platform"  = "demo"
        "org.provehouse.component" = component
        "org.provehouse.kind"      = "superset"
      }
    ])
    error_message = "Expected the three labels on both containers."
  }
  assert {
    condition = alltrue([
      for labels in [module.network[0].labels, docker_volume.home.labels] :
      { for label in labels : label.label => label.value } == {
        "org.provehouse.platform"  = "demo"
        "org.provehouse.component" = "superset"
        "org.provehouse.kind"      = "superset"
      }
    ])
    error_message = "Expected the same three labels on network and volume."
  }
}

run "the_server_alone_is_published_on_its_port_of_the_loopback_address" {
  command = plan
  assert {
    condition = [
      for port in output.containers.superset.ports : "${port.ip}:${port.external}:${port.internal}"
    ] == ["127.0.0.1:18088:8088"]
    error_message = "Expected 127.0.0.1:18088 to lead to 8088 and nothing else."
  }
  assert {
    condition     = length(module.migrate["superset-migrate"].container.ports) == 0
    error_message = "Expected no port of the job."
  }
}

run "both_reach_the_database_and_the_nodes" {
  command = plan
  assert {
    condition = alltrue([
      for made in [output.containers.superset, module.migrate["superset-migrate"].container] :
      toset([for joined in made.networks_advanced : joined.name]) == toset([
        "provehouse-demo-superset", "provehouse-demo-postgres", "provehouse-demo-clickhouse",
      ])
    ])
    error_message = "Expected Superset's network and the two that were asked for."
  }
}

run "it_is_healthy_when_it_answers" {
  command = plan
  assert {
    condition = slice(one(output.containers.superset.healthcheck).test, 7, 9) == tolist([
      "python3", "/opt/provehouse/health.py",
    ])
    error_message = "Expected health.py."
  }
}

run "settings_come_from_a_file_by_its_hash_alone" {
  command = plan
  assert {
    condition = alltrue([
      for made in [output.containers.superset, module.migrate["superset-migrate"].container] :
      made.entrypoint == tolist([
        "python3", "/opt/provehouse/with_environment.py", "/run/provehouse/environment.json",
      ])
    ])
    error_message = "Expected every command to be started with the settings of environment.json."
  }
  assert {
    condition     = length(output.containers.superset.env) == 0
    error_message = "Expected no environment, because it can be read by whoever looks at the container."
  }
  assert {
    condition = alltrue([
      for made in [output.containers.superset, module.migrate["superset-migrate"].container] :
      alltrue([for upload in made.upload : upload.content == null if startswith(upload.file, "/run/provehouse/")])
    ])
    error_message = "Expected files with secrets by their hash alone."
  }
}

run "only_the_job_is_given_the_administrators_password" {
  command = plan
  assert {
    condition = {
      for made in [output.containers.superset, module.migrate["superset-migrate"].container] :
      made.hostname => contains([for upload in made.upload : upload.file], "/run/provehouse/administrator.json")
    } == { superset = false, superset-migrate = true }
    error_message = "Expected administrator.json in the job alone."
  }
}

run "the_job_runs_again_after_the_one_that_made_the_database_and_is_not_restarted" {
  command = plan
  assert {
    condition     = toset(module.migrate["superset-migrate"].container.env) == toset(["ACCOUNTS_JOB=job-1"])
    error_message = "Expected the other job's id among the job's settings."
  }
  assert {
    condition = (
      module.migrate["superset-migrate"].container.restart == "no"
      && length(module.migrate["superset-migrate"].container.healthcheck) == 0
    )
    error_message = "Expected a job without restart and health check."
  }
}

run "open_browsers_do_not_keep_it_from_ending" {
  command = plan
  assert {
    condition     = output.containers.superset.stop_signal == "SIGINT"
    error_message = "Expected SIGINT, found ${output.containers.superset.stop_signal}."
  }
}

run "when_it_does_not_run_only_the_volume_is_there" {
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
    condition     = output.volumes == ["provehouse-demo-superset-home"]
    error_message = "Expected the volume to stay."
  }
}
