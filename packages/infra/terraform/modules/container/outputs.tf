output "name" {
  description = "Name of the container."
  value       = docker_container.this.name
}

output "id" {
  description = "Id of the container."
  value       = docker_container.this.id
}

output "container" {
  description = "What the engine was asked for; the tests of the modules that use this one look at it."
  value       = docker_container.this
}
