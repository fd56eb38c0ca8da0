output "name" {
  description = "Name of the container."
  value       = docker_container.this.name
}

output "id" {
  description = "Id of the container."
  value       = docker_container.this.id
}
