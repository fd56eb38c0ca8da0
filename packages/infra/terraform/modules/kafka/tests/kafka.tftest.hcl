mock_provider "docker" {}

variables {
  platform      = "demo"
  running       = true
  config_folder = "../../tests/fixtures/config"
  image         = "apache/kafka:4.4.0"
  port          = 19092
  memory_mib    = 768
}

run "runs_as_the_images_user_within_its_limit" {
  command = plan
  assert {
    condition     = output.containers.kafka.user == "1000:1000"
    error_message = "Expected 1000:1000, found ${output.containers.kafka.user}."
  }
  assert {
    condition     = output.containers.kafka.memory == 768
    error_message = "Expected 768 MiB, found ${output.containers.kafka.memory}."
  }
}

run "has_the_labels_of_kafka" {
  command = plan
  assert {
    condition = alltrue([
      for labels in [module.network[0].labels, docker_volume.data.labels, output.containers.kafka.labels] :
      { for label in labels : label.label => label.value } == {
        "org.provehouse.platform"  = "demo"
        "org.provehouse.component" = "kafka"
        "org.provehouse.kind"      = "kafka"
      }
    ])
    error_message = "Expected the same three labels on container, network and volume."
  }
}

run "is_published_on_its_port_of_the_loopback_address" {
  command = plan
  assert {
    condition = [
      for port in output.containers.kafka.ports : "${port.ip}:${port.external}:${port.internal}"
    ] == ["127.0.0.1:19092:9094"]
    error_message = "Expected 127.0.0.1:19092 to lead to 9094 and nothing else."
  }
}

run "is_in_its_own_network_only" {
  command = plan
  assert {
    condition     = [for joined in output.containers.kafka.networks_advanced : joined.name] == ["provehouse-demo-kafka"]
    error_message = "Expected provehouse-demo-kafka alone."
  }
  assert {
    condition     = output.network == "provehouse-demo-kafka"
    error_message = "Expected the network's name for those who join it."
  }
}

run "is_healthy_when_its_own_account_is_answered" {
  command = plan
  assert {
    condition     = slice(one(output.containers.kafka.healthcheck).test, 7, 9) == tolist(["bash", "/usr/local/bin/provehouse-kafka-health"])
    error_message = "Expected the script that logs in."
  }
  assert {
    condition     = contains([for upload in output.containers.kafka.upload : upload.file], "/run/provehouse/health.request")
    error_message = "Expected what the script sends."
  }
}

run "no_password_is_in_its_environment_or_command" {
  command = plan
  assert {
    condition     = length(output.containers.kafka.env) == 0
    error_message = "Expected no environment, because it can be read by whoever looks at the container."
  }
  assert {
    condition     = output.containers.kafka.entrypoint == tolist(["sh", "/usr/local/bin/provehouse-kafka"])
    error_message = "Expected the script, which finds its settings in a file."
  }
  assert {
    condition = alltrue([
      for upload in output.containers.kafka.upload : upload.content == null
      if contains(["/etc/provehouse/server.properties", "/run/provehouse/health.request"], upload.file)
    ])
    error_message = "Expected files with passwords by their hash alone."
  }
}

run "what_its_image_declares_as_volumes_and_nobody_keeps_is_in_memory" {
  command = plan
  assert {
    condition     = toset(keys(output.containers.kafka.tmpfs)) == toset(["/etc/kafka/secrets", "/mnt/shared/config"])
    error_message = "Expected no volume without a name."
  }
}

run "keeps_its_data_in_its_volume" {
  command = plan
  assert {
    condition = {
      for volume in output.containers.kafka.volumes : volume.container_path => volume.volume_name
    } == { "/var/lib/kafka/data" = "provehouse-demo-kafka-data" }
    error_message = "Expected the volume at /var/lib/kafka/data."
  }
}

run "when_it_does_not_run_only_its_volume_is_there" {
  command = plan
  variables {
    running = false
  }
  assert {
    condition     = length(output.containers) == 0 && length(module.network) == 0 && length(docker_image.this) == 0
    error_message = "Expected no container, no network and no image."
  }
  assert {
    condition     = output.network == null
    error_message = "Expected no network that others could join."
  }
  assert {
    condition     = docker_volume.data.name == "provehouse-demo-kafka-data"
    error_message = "Expected the volume to stay."
  }
}

run "without_monitoring_there_is_no_agent" {
  command = plan
  assert {
    condition     = !anytrue([for file in output.containers.kafka.upload : strcontains(file.file, "jmx")])
    error_message = "Expected no agent."
  }
}

run "with_metrics_the_agent_and_its_rules_are_files_and_no_port_is_published" {
  command = plan
  variables {
    metrics = true
  }
  assert {
    condition = toset([
      for file in output.containers.kafka.upload : file.file if try(length(file.source_hash) == 64, false)
      ]) == toset([
      "/etc/provehouse/server.properties", "/etc/provehouse/java.options", "/etc/provehouse/log4j2.properties",
      "/etc/provehouse/jmx-agent.jar", "/etc/provehouse/metrics.yml", "/run/provehouse/health.request",
    ])
    error_message = "Expected the agent's files besides those of the broker."
  }
  assert {
    condition     = [for port in output.containers.kafka.ports : port.internal] == [9094]
    error_message = "Expected the port for clients of this machine only."
  }
}
