mock_provider "docker" {}

variables {
  platform      = "demo"
  running       = true
  config_folder = "../../tests/fixtures/config"
  image         = "valkey/valkey:9.1.2"
  port          = 16379
  memory_mib    = 256
}

run "runs_as_the_images_user_within_its_limit" {
  command = plan
  assert {
    condition     = output.containers.redis.user == "999:999"
    error_message = "Expected 999:999, found ${output.containers.redis.user}."
  }
  assert {
    condition     = output.containers.redis.memory == 256
    error_message = "Expected 256 MiB, found ${output.containers.redis.memory}."
  }
}

run "has_the_labels_of_a_broker" {
  command = plan
  assert {
    condition = alltrue([
      for labels in [module.network[0].labels, docker_volume.data.labels, output.containers.redis.labels] :
      { for label in labels : label.label => label.value } == {
        "org.provehouse.platform"  = "demo"
        "org.provehouse.component" = "redis"
        "org.provehouse.kind"      = "redis"
      }
    ])
    error_message = "Expected the same three labels on container, network and volume."
  }
}

run "is_published_on_its_port_of_the_loopback_address" {
  command = plan
  assert {
    condition = [
      for port in output.containers.redis.ports : "${port.ip}:${port.external}:${port.internal}"
    ] == ["127.0.0.1:16379:6379"]
    error_message = "Expected 127.0.0.1:16379 to lead to 6379 and nothing else."
  }
}

run "is_in_its_own_network_only" {
  command = plan
  assert {
    condition     = [for joined in output.containers.redis.networks_advanced : joined.name] == ["provehouse-demo-redis"]
    error_message = "Expected provehouse-demo-redis alone."
  }
  assert {
    condition     = output.network == "provehouse-demo-redis"
    error_message = "Expected the network's name for those who join it."
  }
}

run "is_healthy_when_it_takes_writes" {
  command = plan
  assert {
    condition = strcontains(
      join(" ", one(output.containers.redis.healthcheck).test),
      "valkey-cli SET",
    )
    error_message = "Expected valkey-cli to write."
  }
}

run "no_password_is_in_its_environment_or_command" {
  command = plan
  assert {
    condition     = length(output.containers.redis.env) == 0
    error_message = "Expected no environment, because it can be read by whoever looks at the container."
  }
  assert {
    condition     = output.containers.redis.command == tolist(["valkey-server", "/etc/valkey/valkey.conf"])
    error_message = "Expected the rendered configuration file as the only argument."
  }
  assert {
    condition = toset([for upload in output.containers.redis.upload : upload.file]) == toset([
      "/etc/valkey/valkey.conf", "/run/provehouse/redis.password",
    ])
    error_message = "Expected the configuration and the password of the health check."
  }
}

run "keeps_its_data_in_its_volume" {
  command = plan
  assert {
    condition = {
      for volume in output.containers.redis.volumes : volume.container_path => volume.volume_name
    } == { "/data" = "provehouse-demo-redis-data" }
    error_message = "Expected the volume at /data."
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
    condition     = docker_volume.data.name == "provehouse-demo-redis-data"
    error_message = "Expected the volume to stay."
  }
}
