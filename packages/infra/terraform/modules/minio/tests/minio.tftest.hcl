mock_provider "docker" {}

variables {
  platform      = "demo"
  running       = true
  config_folder = "../../tests/fixtures/config"
  image         = "minio/minio:RELEASE.2025-09-07T16-13-09Z"
  ports         = { minio = 19900, minio_console = 19901 }
  memory_mib    = 1024
  buckets       = ["clickhouse-backups", "clickhouse"]
}

run "runs_as_the_images_only_user_without_capabilities" {
  command = plan
  assert {
    condition     = output.containers.minio.user == "0:0"
    error_message = "Expected 0:0, because the image has no other user, found ${output.containers.minio.user}."
  }
  assert {
    condition     = one(output.containers.minio.capabilities).drop == toset(["ALL"])
    error_message = "Expected root to have no capability."
  }
  assert {
    condition     = output.containers.minio.memory == 1024
    error_message = "Expected 1024 MiB, found ${output.containers.minio.memory}."
  }
}

run "has_the_labels_of_storage" {
  command = plan
  assert {
    condition = alltrue([
      for labels in [module.network[0].labels, docker_volume.data.labels, output.containers.minio.labels] :
      { for label in labels : label.label => label.value } == {
        "org.provehouse.platform"  = "demo"
        "org.provehouse.component" = "minio"
        "org.provehouse.kind"      = "storage"
      }
    ])
    error_message = "Expected the same three labels on container, network and volume."
  }
}

run "is_published_on_its_ports_of_the_loopback_address" {
  command = plan
  assert {
    condition = toset([
      for port in output.containers.minio.ports : "${port.ip}:${port.external}:${port.internal}"
    ]) == toset(["127.0.0.1:19900:9000", "127.0.0.1:19901:9001"])
    error_message = "Expected 19900 for S3 and 19901 for the console, both of 127.0.0.1."
  }
}

run "is_in_its_own_network_only" {
  command = plan
  assert {
    condition     = [for joined in output.containers.minio.networks_advanced : joined.name] == ["provehouse-demo-minio"]
    error_message = "Expected provehouse-demo-minio alone."
  }
  assert {
    condition     = output.network == "provehouse-demo-minio"
    error_message = "Expected the network's name for those who join it."
  }
}

run "is_healthy_when_it_serves_and_every_bucket_is_there" {
  command = plan
  assert {
    condition = alltrue([
      for part in ["/minio/health/cluster", "test -d /data/clickhouse &&", "test -d /data/clickhouse-backups"] :
      strcontains(join(" ", one(output.containers.minio.healthcheck).test), part)
    ])
    error_message = "Expected a question to the cluster and one for each bucket."
  }
}

run "makes_its_buckets_before_it_serves" {
  command = plan
  assert {
    condition     = output.containers.minio.command == tolist(["clickhouse", "clickhouse-backups"])
    error_message = "Expected the buckets as arguments of the entry point."
  }
}

run "its_login_is_in_a_file" {
  command = plan
  assert {
    condition = toset(output.containers.minio.env) == toset([
      "MINIO_CONFIG_ENV_FILE=/etc/minio/config.env", "MINIO_BROWSER_REDIRECT=false",
    ])
    error_message = "Expected the file's path in the environment and no login."
  }
  assert {
    condition     = [for upload in output.containers.minio.upload : upload.file] == ["/etc/minio/config.env"]
    error_message = "Expected the file to be uploaded."
  }
}

run "keeps_its_data_in_its_volume" {
  command = plan
  assert {
    condition = {
      for volume in output.containers.minio.volumes : volume.container_path => volume.volume_name
    } == { "/data" = "provehouse-demo-minio-data" }
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
    condition     = docker_volume.data.name == "provehouse-demo-minio-data"
    error_message = "Expected the volume to stay."
  }
}

run "a_bucket_with_capitals_is_refused" {
  command = plan
  variables {
    buckets = ["ClickHouse"]
  }
  expect_failures = [var.buckets]
}

run "a_bucket_whose_name_is_too_short_is_refused" {
  command = plan
  variables {
    buckets = ["ab"]
  }
  expect_failures = [var.buckets]
}

run "a_bucket_whose_name_would_leave_its_folder_is_refused" {
  command = plan
  variables {
    buckets = ["../data"]
  }
  expect_failures = [var.buckets]
}
