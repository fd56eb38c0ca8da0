mock_provider "docker" {}

variables {
  platform      = "demo"
  running       = true
  config_folder = "../../tests/fixtures/config"
  image         = "provehouse/airflow:3.3.2"
  port          = 18090
  memory_mib    = 256
}

run "runs_as_the_images_user_within_its_limit" {
  command = plan
  assert {
    condition     = output.containers.api.user == "50000:0"
    error_message = "Expected 50000:0, found ${output.containers.api.user}."
  }
  assert {
    condition     = output.containers.api.memory == 256
    error_message = "Expected 256 MiB, found ${output.containers.api.memory}."
  }
}

run "has_the_labels_of_the_api" {
  command = plan
  assert {
    condition = alltrue([
      for labels in [module.network[0].labels, output.containers.api.labels] :
      { for label in labels : label.label => label.value } == {
        "org.provehouse.platform"  = "demo"
        "org.provehouse.component" = "api"
        "org.provehouse.kind"      = "api"
      }
    ])
    error_message = "Expected the same three labels on container and network."
  }
}

run "is_published_on_its_port_of_the_loopback_address" {
  command = plan
  assert {
    condition = [
      for port in output.containers.api.ports : "${port.ip}:${port.external}:${port.internal}"
    ] == ["127.0.0.1:18090:8090"]
    error_message = "Expected 127.0.0.1:18090 to lead to 8090 and nothing else."
  }
}

run "is_in_its_own_network_only" {
  command = plan
  assert {
    condition     = [for joined in output.containers.api.networks_advanced : joined.name] == ["provehouse-demo-api"]
    error_message = "Expected provehouse-demo-api alone."
  }
  assert {
    condition     = output.network == "provehouse-demo-api"
    error_message = "Expected the network's name for those who join it."
  }
}

run "is_healthy_when_it_answers_those_who_show_the_token" {
  command = plan
  assert {
    condition = slice(one(output.containers.api.healthcheck).test, 7, 10) == tolist([
      "python3", "/opt/provehouse/health.py", "/etc/provehouse/server.json",
    ])
    error_message = "Expected the script that reads the token from the server's own file."
  }
}

run "the_token_is_in_a_file_alone" {
  command = plan
  assert {
    condition     = length(output.containers.api.env) == 0 && length(coalesce(output.containers.api.command, [])) == 0
    error_message = "Expected no environment and no argument."
  }
  assert {
    condition = alltrue([
      for upload in output.containers.api.upload : upload.content == null
      if startswith(upload.file, "/etc/provehouse/")
    ])
    error_message = "Expected its files by their hash alone."
  }
}

run "when_it_does_not_run_nothing_is_there" {
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
}
