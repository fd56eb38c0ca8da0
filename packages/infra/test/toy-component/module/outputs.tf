output "containers" {
  description = "Containers by component."
  value       = { for component, made in module.server : component => made.container }
}
