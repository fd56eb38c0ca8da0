mock_provider "docker" {}

variables {
  platform   = "demo"
  component  = "redis"
  kind       = "redis"
  image_id   = "sha256:0000"
  user       = "999:999"
  memory_mib = 256
  networks   = ["provehouse-demo-redis"]
}

run "a_user_by_name_is_refused" {
  command = plan
  variables {
    user = "redis:redis"
  }
  expect_failures = [var.user]
}

run "a_user_without_group_is_refused" {
  command = plan
  variables {
    user = "999"
  }
  expect_failures = [var.user]
}

run "a_kind_of_other_characters_is_refused" {
  command = plan
  variables {
    kind = "A cache"
  }
  expect_failures = [var.kind]
}

run "a_container_without_network_is_refused" {
  command = plan
  variables {
    networks = []
  }
  expect_failures = [var.networks]
}
