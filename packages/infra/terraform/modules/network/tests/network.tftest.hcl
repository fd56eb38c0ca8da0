mock_provider "docker" {}

variables {
  platform  = "demo"
  component = "redis"
  kind      = "redis"
}

run "is_called_after_platform_and_component" {
  command = plan
  assert {
    condition     = output.name == "provehouse-demo-redis"
    error_message = "Expected provehouse-demo-redis, found ${output.name}."
  }
}

run "has_the_same_labels_as_everything_of_the_platform" {
  command = plan
  assert {
    condition = { for label in output.labels : label.label => label.value } == {
      "org.provehouse.platform"  = "demo"
      "org.provehouse.component" = "redis"
      "org.provehouse.kind"      = "redis"
    }
    error_message = "Expected platform, component and kind as labels."
  }
}

run "a_component_that_cannot_be_part_of_a_name_is_refused" {
  command = plan
  variables {
    component = "Redis server"
  }
  expect_failures = [var.component]
}
