mock_provider "docker" {}

variables {
  platform   = "demo"
  component  = "clickhouse-01"
  kind       = "clickhouse"
  image_id   = "sha256:0000"
  user       = "101:101"
  memory_mib = 512
  networks   = ["provehouse-demo-clickhouse"]
  health     = { test = ["CMD", "true"], interval = 2 }
}

run "is_called_after_platform_and_component" {
  command = plan
  assert {
    condition     = docker_container.this.name == "provehouse-demo-clickhouse-01"
    error_message = "Expected provehouse-<platform>-<component>, found ${docker_container.this.name}."
  }
  assert {
    condition     = docker_container.this.hostname == "clickhouse-01"
    error_message = "Expected the component as host name, found ${docker_container.this.hostname}."
  }
}

run "is_found_again_by_its_labels" {
  command = plan
  assert {
    condition = { for label in docker_container.this.labels : label.label => label.value } == {
      "org.provehouse.platform"  = "demo"
      "org.provehouse.component" = "clickhouse-01"
      "org.provehouse.kind"      = "clickhouse"
    }
    error_message = "Expected the three labels of every container."
  }
}

run "comes_back_after_a_crash_and_after_a_restart_of_the_engine" {
  command = plan
  assert {
    condition     = docker_container.this.restart == "unless-stopped" && docker_container.this.must_run
    error_message = "Expected a container that is restarted and has to run."
  }
}

run "writes_at_most_three_files_of_log" {
  command = plan
  assert {
    condition     = docker_container.this.log_driver == "json-file" && docker_container.this.log_opts == tomap({ max-size = "10m", max-file = "3" })
    error_message = "Expected logs in files that are rotated."
  }
}

run "uses_no_more_memory_than_allowed_and_swaps_none" {
  command = plan
  assert {
    condition     = docker_container.this.memory == 512
    error_message = "Expected a limit of 512 MiB, found ${docker_container.this.memory}."
  }
  assert {
    condition     = docker_container.this.memory_swap == docker_container.this.memory
    error_message = "Expected memory and swap together to be the memory alone, so that nothing is swapped."
  }
}

run "has_no_rights_to_lose" {
  command = plan
  assert {
    condition     = docker_container.this.security_opts == toset(["no-new-privileges:true"])
    error_message = "Expected that no program in the container can gain rights."
  }
  assert {
    condition = (
      one(docker_container.this.capabilities).drop == toset(["ALL"])
      && try(length(one(docker_container.this.capabilities).add), 0) == 0
    )
    error_message = "Expected all capabilities to be dropped and none added."
  }
  assert {
    condition     = !coalesce(docker_container.this.privileged, false)
    error_message = "Expected a container without privileges."
  }
  assert {
    condition     = docker_container.this.user == "101:101"
    error_message = "Expected the user that was asked for, found ${docker_container.this.user}."
  }
}

run "publishes_ports_on_the_loopback_address_only" {
  command = plan
  variables {
    ports = { 8123 = 18123, 9000 = 19000 }
  }
  assert {
    condition     = alltrue([for port in docker_container.this.ports : port.ip == "127.0.0.1"])
    error_message = "Expected 127.0.0.1 for every port."
  }
  assert {
    condition = { for port in docker_container.this.ports : port.internal => port.external } == {
      8123 = 18123
      9000 = 19000
    }
    error_message = "Expected the ports that were asked for."
  }
  assert {
    condition     = !coalesce(docker_container.this.publish_all_ports, false)
    error_message = "Expected that no other port is published."
  }
}

run "is_found_by_its_component_in_every_network" {
  command = plan
  variables {
    networks = ["provehouse-demo-clickhouse", "provehouse-demo-minio"]
  }
  assert {
    condition = { for network in docker_container.this.networks_advanced : network.name => network.aliases } == {
      provehouse-demo-clickhouse = toset(["clickhouse-01"])
      provehouse-demo-minio      = toset(["clickhouse-01"])
    }
    error_message = "Expected the component as alias in both networks."
  }
}

run "is_waited_for_until_it_is_healthy" {
  command = plan
  variables {
    health = { test = ["CMD", "wget", "-q"], interval = 2, timeout = 5 }
  }
  assert {
    condition     = docker_container.this.wait && !docker_container.this.attach
    error_message = "Expected to wait for its health."
  }
  assert {
    condition = one(docker_container.this.healthcheck).test == tolist([
      "CMD", "sh", "-c", file("health-check.sh"), "health-check", "10", "5", "wget", "-q",
    ])
    error_message = "Expected the check that was asked for, ten seconds after a good answer."
  }
  assert {
    condition = (
      one(docker_container.this.healthcheck).interval == "2s"
      && one(docker_container.this.healthcheck).timeout == "16s"
    )
    error_message = "Expected interval and timeout in seconds, and time for the pause."
  }
}

run "a_check_in_words_of_the_shell_is_given_to_it" {
  command = plan
  variables {
    health = { test = ["CMD-SHELL", "test 1 = 1"], interval = 2, pause = 3 }
  }
  assert {
    condition = one(docker_container.this.healthcheck).test == tolist([
      "CMD", "sh", "-c", file("health-check.sh"), "health-check", "3", "10", "sh", "-c", "test 1 = 1",
    ])
    error_message = "Expected the words to be one argument of sh -c."
  }
}

run "times_are_written_as_the_engine_gives_them_back" {
  command = plan
  variables {
    health = { test = ["CMD", "true"], interval = 2, start = 150 }
  }
  assert {
    condition     = one(docker_container.this.healthcheck).start_period == "2m30s"
    error_message = "Expected 2m30s, found ${one(docker_container.this.healthcheck).start_period}, which looks changed at every plan."
  }
}

run "short_times_are_written_as_the_engine_gives_them_back" {
  command = plan
  variables {
    health = { test = ["CMD", "true"], interval = 2, start = 59 }
  }
  assert {
    condition     = one(docker_container.this.healthcheck).start_period == "59s"
    error_message = "Expected 59s, found ${one(docker_container.this.healthcheck).start_period}, which looks changed at every plan."
  }
}

run "a_job_runs_once_and_is_waited_for_to_end" {
  command = plan
  variables {
    health = null
  }
  assert {
    condition     = docker_container.this.restart == "no" && !docker_container.this.must_run
    error_message = "Expected a job that is not restarted."
  }
  assert {
    condition     = docker_container.this.attach && !docker_container.this.wait
    error_message = "Expected to wait for the end of the job."
  }
  assert {
    condition     = length(docker_container.this.healthcheck) == 0
    error_message = "Expected no health check of a job."
  }
}

run "is_given_its_signal_and_its_time_to_stop" {
  command = plan
  variables {
    stop = { signal = "SIGINT", seconds = 30 }
  }
  assert {
    condition = (
      docker_container.this.stop_signal == "SIGINT"
      && docker_container.this.stop_timeout == 30
      && docker_container.this.destroy_grace_seconds == 30
    )
    error_message = "Expected SIGINT and 30 seconds, also when it is removed."
  }
}

run "reads_folders_of_this_machine_and_writes_volumes_and_folders_that_it_may" {
  command = plan
  variables {
    volumes         = { "/data" = "provehouse-demo-redis-data" }
    folders         = { "/opt/airflow/dags" = "/srv/dags" }
    written_folders = { "/verdicts" = "/srv/verdicts" }
  }
  assert {
    condition = {
      for volume in docker_container.this.volumes : volume.container_path =>
      coalesce(volume.read_only, false)
      } == {
      "/data"             = false
      "/opt/airflow/dags" = true
      "/verdicts"         = false
    }
    error_message = "Expected folders of this machine to be read only, and volumes and those that it may write to not."
  }
}

run "contents_of_files_stay_out_of_the_state" {
  command = plan
  variables {
    files = { "/run/provehouse/redis.password" = "../../tests/fixtures/config/redis/password" }
  }
  assert {
    condition     = alltrue([for upload in docker_container.this.upload : upload.content == null && upload.content_base64 == null])
    error_message = "Expected the file's path only."
  }
  assert {
    condition = one(docker_container.this.upload).source_hash == filesha256(
      "../../tests/fixtures/config/redis/password"
    )
    error_message = "Expected the hash, by which a changed file makes a new container."
  }
}
