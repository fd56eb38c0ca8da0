output "name" {
  description = "Name of the network, by which containers join it."
  value       = docker_network.this.name
}

output "id" {
  description = "Id of the network."
  value       = docker_network.this.id
}

output "labels" {
  description = "Labels of the network, as pairs of label and value."
  value       = docker_network.this.labels
}
