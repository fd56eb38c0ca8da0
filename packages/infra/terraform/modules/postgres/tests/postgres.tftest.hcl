mock_provider "docker" {}

variables {
  platform      = "demo"
  running       = true
  config_folder = "../../tests/fixtures/config"
  consumers     = ["metabase", "airflow"]
  image         = "postgres:18.6-trixie"
  port          = 15432
  memory_mib    = 512
}

run "server_and_job_run_as_the_images_user_within_the_limit" {
  command = plan
  assert {
    condition = alltrue([
      for made in [output.containers.postgres, module.accounts["postgres-accounts"].container] :
      made.user == "999:999" && made.memory == 512
    ])
    error_message = "Expected 999:999 and 512 MiB."
  }
}

run "everything_has_the_labels_of_a_database" {
  command = plan
  assert {
    condition = alltrue([
      for labels in [
        module.network[0].labels, docker_volume.this["data"].labels,
        docker_volume.this["socket"].labels, output.containers.postgres.labels,
      ] :
      { for label in labels : label.label => label.value } == {
        "org.provehouse.platform"  = "demo"
        "org.provehouse.component" = "postgres"
        "org.provehouse.kind"      = "postgres"
      }
    ])
    error_message = "Expected the same three labels on container, network and volumes."
  }
}

run "is_published_on_its_port_of_the_loopback_address" {
  command = plan
  assert {
    condition = [
      for port in output.containers.postgres.ports : "${port.ip}:${port.external}:${port.internal}"
    ] == ["127.0.0.1:15432:5432"]
    error_message = "Expected 127.0.0.1:15432 to lead to 5432 and nothing else."
  }
  assert {
    condition     = length(module.accounts["postgres-accounts"].container.ports) == 0
    error_message = "Expected no port of the job."
  }
}

run "server_and_job_are_in_their_own_network_only" {
  command = plan
  assert {
    condition = alltrue([
      for made in [output.containers.postgres, module.accounts["postgres-accounts"].container] :
      [for joined in made.networks_advanced : joined.name] == ["provehouse-demo-postgres"]
    ])
    error_message = "Expected provehouse-demo-postgres alone."
  }
  assert {
    condition     = output.network == "provehouse-demo-postgres"
    error_message = "Expected the network's name for those who join it."
  }
}

run "is_healthy_when_it_takes_writes_on_the_network" {
  command = plan
  assert {
    condition = alltrue([
      for part in ["psql ", "pg_is_in_recovery()", "pg_isready -q -h"] :
      strcontains(join(" ", one(output.containers.postgres.healthcheck).test), part)
    ])
    error_message = "Expected psql to ask for the recovery and pg_isready for the network's port."
  }
}

run "stops_without_waiting_for_its_clients" {
  command = plan
  assert {
    condition     = output.containers.postgres.stop_signal == "SIGINT"
    error_message = "Expected SIGINT, found ${output.containers.postgres.stop_signal}."
  }
}

run "no_password_is_in_an_environment" {
  command = plan
  assert {
    condition     = toset(output.containers.postgres.env) == toset(["POSTGRES_PASSWORD_FILE=/run/provehouse/superuser.password"])
    error_message = "Expected the password's file only."
  }
  assert {
    condition     = toset(module.accounts["postgres-accounts"].container.env) == toset(["CONSUMERS=airflow metabase"])
    error_message = "Expected the consumers' names only."
  }
}

run "the_server_is_not_given_the_consumers_passwords" {
  command = plan
  assert {
    condition     = [for upload in output.containers.postgres.upload : upload.file] == ["/run/provehouse/superuser.password"]
    error_message = "Expected the superuser's password alone."
  }
}

run "every_consumer_reaches_the_job" {
  command = plan
  assert {
    condition = setintersection(
      [for upload in module.accounts["postgres-accounts"].container.upload : upload.file],
      [for consumer in ["airflow", "metabase", "superset"] : "/run/provehouse/${consumer}.password"],
    ) == toset(["/run/provehouse/airflow.password", "/run/provehouse/metabase.password"])
    error_message = "Expected the password of each consumer and no other."
  }
}

run "the_job_is_not_restarted" {
  command = plan
  assert {
    condition = (
      module.accounts["postgres-accounts"].container.restart == "no"
      && length(module.accounts["postgres-accounts"].container.healthcheck) == 0
    )
    error_message = "Expected a job without restart and without health check."
  }
}

run "a_consumer_that_is_added_changes_the_job_and_not_the_server" {
  command = plan
  variables {
    consumers = ["metabase", "airflow", "superset"]
  }
  assert {
    condition     = toset(module.accounts["postgres-accounts"].container.env) == toset(["CONSUMERS=airflow metabase superset"])
    error_message = "Expected the new consumer in the job's list."
  }
  assert {
    condition = (
      toset(output.containers.postgres.env) == toset(["POSTGRES_PASSWORD_FILE=/run/provehouse/superuser.password"])
      && [for upload in output.containers.postgres.upload : upload.file] == ["/run/provehouse/superuser.password"]
      && output.containers.postgres.command == tolist(["postgres", "-c", "log_min_error_statement=panic"])
    )
    error_message = "Expected nothing else to be asked of the server, which would be made anew."
  }
}

run "when_it_does_not_run_only_its_volumes_are_there" {
  command = plan
  variables {
    running = false
  }
  assert {
    condition = (
      length(output.containers) == 0 && length(module.accounts) == 0
      && length(module.network) == 0 && length(docker_image.this) == 0
    )
    error_message = "Expected no container, no network and no image."
  }
  assert {
    condition     = output.network == null && output.accounts_job == null
    error_message = "Expected nothing that others could join or wait for."
  }
  assert {
    condition = toset([for volume in docker_volume.this : volume.name]) == toset([
      "provehouse-demo-postgres-data", "provehouse-demo-postgres-socket",
    ])
    error_message = "Expected the volumes to stay."
  }
}

run "a_consumer_with_capitals_is_refused" {
  command = plan
  variables {
    consumers = ["Superset"]
  }
  expect_failures = [var.consumers]
}

run "a_consumer_that_a_shell_would_split_is_refused" {
  command = plan
  variables {
    consumers = ["meta base"]
  }
  expect_failures = [var.consumers]
}
