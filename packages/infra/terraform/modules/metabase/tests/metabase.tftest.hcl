mock_provider "docker" {}

variables {
  platform      = "demo"
  running       = true
  config_folder = "../../tests/fixtures/config"
  image         = "metabase/metabase:v0.64.2.2"
  port          = 13001
  memory_mib    = 2048
  networks      = ["provehouse-demo-postgres", "provehouse-demo-clickhouse"]
  accounts_job  = "job-1"
}

run "runs_as_the_images_user_within_the_limit" {
  command = plan
  assert {
    condition     = output.containers.metabase.user == "2000:2000" && output.containers.metabase.memory == 2048
    error_message = "Expected 2000:2000 and 2048 MiB."
  }
}

run "everything_has_the_labels_of_metabase" {
  command = plan
  assert {
    condition = alltrue([
      for labels in [output.containers.metabase.labels, module.network[0].labels] :
      { for label in labels : label.label => label.value } == {
        "org.provehouse.platform"  = "demo"
        "org.provehouse.component" = "metabase"
        "org.provehouse.kind"      = "metabase"
      }
    ])
    error_message = "Expected the three labels on container and network."
  }
}

run "is_published_on_its_port_of_the_loopback_address_alone_and_names_that_in_its_links" {
  command = plan
  assert {
    condition = [
      for port in output.containers.metabase.ports : "${port.ip}:${port.external}:${port.internal}"
    ] == ["127.0.0.1:13001:3000"]
    error_message = "Expected 127.0.0.1:13001 to lead to 3000 and nothing else."
  }
  assert {
    condition     = contains(output.containers.metabase.env, "MB_SITE_URL=http://127.0.0.1:13001")
    error_message = "Expected links to the published port."
  }
}

run "reaches_its_database_and_the_nodes" {
  command = plan
  assert {
    condition = toset([for joined in output.containers.metabase.networks_advanced : joined.name]) == toset([
      "provehouse-demo-metabase", "provehouse-demo-postgres", "provehouse-demo-clickhouse",
    ])
    error_message = "Expected Metabase's network and the two that were asked for."
  }
  assert {
    condition = length(setsubtract([
      "MB_DB_TYPE=postgres", "MB_DB_HOST=postgres", "MB_DB_DBNAME=metabase", "MB_DB_USER=metabase", "ACCOUNTS_JOB=job-1",
    ], output.containers.metabase.env)) == 0
    error_message = "Expected its database in the platform's PostgreSQL, made by the job."
  }
}

run "secrets_are_in_files_that_the_state_has_the_hash_of" {
  command = plan
  assert {
    condition = {
      for file in output.containers.metabase.upload : file.file => try(length(file.source_hash) == 64, false)
      } == {
      "/run/provehouse/database.password"  = true
      "/run/provehouse/encryption.key"     = true
      "/usr/local/bin/provehouse-metabase" = false
    }
    error_message = "Expected the hash of each secret, and text of nothing else but the script."
  }
  assert {
    condition = alltrue([
      for setting in output.containers.metabase.env : !can(regex("^MB_(DB_PASS|ENCRYPTION_SECRET_KEY)", setting))
    ])
    error_message = "Expected no secret in the environment, because it can be read by whoever looks at the container."
  }
}

run "it_calls_nobody_and_shows_nothing_without_a_login" {
  command = plan
  assert {
    condition = length(setsubtract([
      "MB_ANON_TRACKING_ENABLED=false", "MB_CHECK_FOR_UPDATES=false", "MB_ENABLE_PUBLIC_SHARING=false",
    ], output.containers.metabase.env)) == 0
    error_message = "Expected all of it off, found ${join(", ", output.containers.metabase.env)}."
  }
}

run "it_is_healthy_when_its_database_answers_it" {
  command = plan
  assert {
    condition     = contains(one(output.containers.metabase.healthcheck).test, "http://127.0.0.1:3000/api/health")
    error_message = "Expected /api/health to be asked."
  }
}

run "when_it_does_not_run_nothing_is_there" {
  command = plan
  variables {
    running      = false
    accounts_job = null
    networks     = []
  }
  assert {
    condition     = length(output.containers) == 0 && length(module.network) == 0 && length(docker_image.this) == 0
    error_message = "Expected no container, no network and no image."
  }
}
