mock_provider "docker" {}

variables {
  platform      = "demo"
  running       = true
  config_folder = "../../tests/fixtures/config"
  images        = { clickhouse = "clickhouse/clickhouse-server:26.3.33.24", keeper = "clickhouse/clickhouse-keeper:26.3.33.24" }
  memory_mib    = { clickhouse = 4096, keeper = 512 }
  keepers = [
    { name = "clickhouse-keeper-01", client_port = 19181 },
    { name = "clickhouse-keeper-02", client_port = 19182 },
    { name = "clickhouse-keeper-03", client_port = 19183 },
  ]
  nodes = [
    { name = "clickhouse-01", shard = "01", replica = "01", http_port = 18123, native_port = 19000 },
    { name = "clickhouse-02", shard = "02", replica = "01", http_port = 18124, native_port = 19001 },
  ]
}

run "there_is_one_container_for_each_node_and_keeper" {
  command = plan
  assert {
    condition = { for component, made in output.containers : component => made.name } == {
      clickhouse-01        = "provehouse-demo-clickhouse-01"
      clickhouse-02        = "provehouse-demo-clickhouse-02"
      clickhouse-keeper-01 = "provehouse-demo-clickhouse-keeper-01"
      clickhouse-keeper-02 = "provehouse-demo-clickhouse-keeper-02"
      clickhouse-keeper-03 = "provehouse-demo-clickhouse-keeper-03"
    }
    error_message = "Expected two nodes and three Keepers."
  }
}

run "all_run_as_the_images_user" {
  command = plan
  assert {
    condition     = alltrue([for made in output.containers : made.user == "101:101"])
    error_message = "Expected 101:101 for nodes and Keepers."
  }
}

run "nodes_and_keepers_have_limits_of_their_own" {
  command = plan
  assert {
    condition     = output.containers.clickhouse-01.memory == 4096 && output.containers.clickhouse-keeper-01.memory == 512
    error_message = "Expected 4096 MiB for a node and 512 MiB for a Keeper."
  }
}

run "containers_and_their_volumes_are_labelled_alike" {
  command = plan
  assert {
    condition = alltrue([
      for component, made in output.containers :
      { for label in made.labels : label.label => label.value } == {
        "org.provehouse.platform"  = "demo"
        "org.provehouse.component" = component
        "org.provehouse.kind"      = startswith(component, "clickhouse-keeper") ? "coordination" : "clickhouse"
      }
    ])
    error_message = "Expected the three labels on every container."
  }
  assert {
    condition = alltrue([
      for component, volume in merge(docker_volume.node, docker_volume.keeper) :
      { for label in volume.labels : label.label => label.value } == {
        "org.provehouse.platform"  = "demo"
        "org.provehouse.component" = component
        "org.provehouse.kind"      = startswith(component, "clickhouse-keeper") ? "coordination" : "clickhouse"
      }
    ])
    error_message = "Expected the labels of its container on every volume."
  }
  assert {
    condition = { for label in module.network[0].labels : label.label => label.value } == {
      "org.provehouse.platform"  = "demo"
      "org.provehouse.component" = "clickhouse"
      "org.provehouse.kind"      = "clickhouse"
    }
    error_message = "Expected the three labels on the network."
  }
}

run "nodes_and_keepers_are_published_on_their_ports_of_the_loopback_address" {
  command = plan
  assert {
    condition = {
      for component, made in output.containers : component =>
      toset([for port in made.ports : "${port.ip}:${port.external}:${port.internal}"])
      } == {
      clickhouse-01        = toset(["127.0.0.1:18123:8123", "127.0.0.1:19000:9000"])
      clickhouse-02        = toset(["127.0.0.1:18124:8123", "127.0.0.1:19001:9000"])
      clickhouse-keeper-01 = toset(["127.0.0.1:19181:9181"])
      clickhouse-keeper-02 = toset(["127.0.0.1:19182:9181"])
      clickhouse-keeper-03 = toset(["127.0.0.1:19183:9181"])
    }
    error_message = "Expected two ports of 127.0.0.1 for each node and one for each Keeper."
  }
}

run "all_are_in_the_clusters_network_only" {
  command = plan
  assert {
    condition = alltrue([
      for made in output.containers :
      [for joined in made.networks_advanced : joined.name] == ["provehouse-demo-clickhouse"]
    ])
    error_message = "Expected provehouse-demo-clickhouse alone."
  }
  assert {
    condition     = output.network == "provehouse-demo-clickhouse"
    error_message = "Expected the network's name for those who join it."
  }
}

run "nodes_join_other_networks_and_keepers_do_not" {
  command = plan
  variables {
    extra_networks = ["provehouse-demo-minio"]
  }
  assert {
    condition = alltrue([
      for component, made in output.containers :
      toset([for joined in made.networks_advanced : joined.name]) == toset(
        startswith(component, "clickhouse-keeper")
        ? ["provehouse-demo-clickhouse"]
        : ["provehouse-demo-clickhouse", "provehouse-demo-minio"]
      )
    ])
    error_message = "Expected nodes alone in the other network."
  }
}

run "a_node_is_healthy_when_it_answers_its_name_to_the_reader" {
  command = plan
  assert {
    condition = alltrue([
      for node in ["clickhouse-01", "clickhouse-02"] : alltrue([
        for part in ["cat /etc/clickhouse-server/health.headers", "displayName()", "test \"$answer\" = '${node}'"] :
        strcontains(join(" ", one(output.containers[node].healthcheck).test), part)
      ])
    ])
    error_message = "Expected the reader's login to ask for the node's own name."
  }
}

run "a_keeper_is_healthy_when_it_is_part_of_its_ensemble" {
  command = plan
  assert {
    condition = alltrue([
      for part in ["bash -c", "/dev/tcp/127.0.0.1/9181", "mntr", "(leader|follower|standalone)"] :
      strcontains(join(" ", one(output.containers.clickhouse-keeper-01.healthcheck).test), part)
    ])
    error_message = "Expected bash to ask the Keeper for its part in the ensemble."
  }
}

run "every_node_is_given_its_own_files" {
  command = plan
  assert {
    condition = {
      for upload in output.containers.clickhouse-02.upload : upload.file => upload.source
      } == {
      "/etc/clickhouse-server/config.d/provehouse.xml" = "../../tests/fixtures/config/clickhouse/clickhouse-02/config.xml"
      "/etc/clickhouse-server/users.d/provehouse.xml"  = "../../tests/fixtures/config/clickhouse/clickhouse-02/users.xml"
      "/etc/clickhouse-server/health.headers"          = "../../tests/fixtures/config/clickhouse/clickhouse-02/health.headers"
    }
    error_message = "Expected the three files of clickhouse-02."
  }
  assert {
    condition     = toset(output.containers.clickhouse-02.env) == toset(["CLICKHOUSE_SKIP_USER_SETUP=1"])
    error_message = "Expected no login in the environment."
  }
}

run "every_keeper_is_given_its_own_file" {
  command = plan
  assert {
    condition = {
      for upload in output.containers.clickhouse-keeper-02.upload : upload.file => upload.source
      } == {
      "/etc/clickhouse-keeper/keeper_config.xml" = "../../tests/fixtures/config/keeper/clickhouse-keeper-02/keeper_config.xml"
    }
    error_message = "Expected the configuration of clickhouse-keeper-02."
  }
}

run "all_keep_their_data_in_volumes_of_their_own" {
  command = plan
  assert {
    condition = alltrue([
      for component, made in output.containers :
      { for volume in made.volumes : volume.container_path => volume.volume_name } == {
        startswith(component, "clickhouse-keeper") ? "/var/lib/clickhouse-keeper" : "/var/lib/clickhouse" = "provehouse-demo-${component}-data"
      }
    ])
    error_message = "Expected each one's volume where its data is."
  }
}

run "nodes_that_cannot_replicate_need_no_keeper" {
  command = plan
  variables {
    keepers = []
  }
  assert {
    condition     = toset(keys(output.containers)) == toset(["clickhouse-01", "clickhouse-02"])
    error_message = "Expected nodes alone."
  }
  assert {
    condition     = length(docker_image.keeper) == 0 && length(docker_volume.keeper) == 0
    error_message = "Expected nothing of a Keeper."
  }
}

run "when_they_do_not_run_only_the_volumes_are_there" {
  command = plan
  variables {
    running = false
  }
  assert {
    condition = (
      length(output.containers) == 0 && length(module.network) == 0
      && length(docker_image.clickhouse) == 0 && length(docker_image.keeper) == 0
    )
    error_message = "Expected no container, no network and no image."
  }
  assert {
    condition     = output.network == null
    error_message = "Expected no network that others could join."
  }
  assert {
    condition     = toset(keys(docker_volume.node)) == toset(["clickhouse-01", "clickhouse-02"]) && length(docker_volume.keeper) == 3
    error_message = "Expected all volumes to stay."
  }
}

run "limits_of_the_image_and_its_volumes_are_known" {
  command = plan
  assert {
    condition = alltrue([
      for node in ["clickhouse-01", "clickhouse-02"] :
      [for limit in output.containers[node].ulimit : "${limit.name} ${limit.soft} ${limit.hard}"] == ["nofile 262144 262144"]
      if contains(keys(output.containers), node)
    ])
    error_message = "Expected as many open files as ClickHouse asks for."
  }
  assert {
    condition = alltrue([
      for component, made in output.containers :
      keys(made.tmpfs) == tolist(["/var/lib/clickhouse"]) if strcontains(component, "keeper")
    ])
    error_message = "Expected no volume without a name where the Keeper's image declares one."
  }
}
