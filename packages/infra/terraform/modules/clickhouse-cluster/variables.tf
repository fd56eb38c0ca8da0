variable "platform" {
  description = "Name of the platform."
  type        = string
  nullable    = false
}

variable "running" {
  description = "Whether there are containers and a network; the volumes are kept in any case."
  type        = bool
  nullable    = false
}

variable "config_folder" {
  description = "Folder with the rendered configuration of this platform."
  type        = string
  nullable    = false
}

variable "nodes" {
  description = "Nodes with their place in the cluster and the ports of this machine that lead to them."
  type = list(object({
    name        = string
    shard       = string
    replica     = string
    http_port   = number
    native_port = number
  }))
  nullable = false
}

variable "keepers" {
  description = "Keepers with the ports of this machine that lead to them; none for nodes that cannot replicate."
  type = list(object({
    name        = string
    client_port = number
  }))
  nullable = false
}

variable "images" {
  description = "References of the images of nodes and Keepers."
  type        = object({ clickhouse = string, keeper = string })
  nullable    = false
}

variable "memory_mib" {
  description = "Memory limits in MiB."
  type        = object({ clickhouse = number, keeper = number })
  nullable    = false
}

variable "open_files" {
  description = "Limit of open files (nofile) of a node; the engine's own when null."
  type        = number
  default     = 262144
}

variable "extra_networks" {
  description = "Networks that the nodes join besides their own."
  type        = list(string)
  default     = []
  nullable    = false
}
