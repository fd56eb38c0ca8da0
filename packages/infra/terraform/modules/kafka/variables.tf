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

variable "image" {
  description = "Reference of the image."
  type        = string
  nullable    = false
}

variable "port" {
  description = "Port of this machine that leads to the broker; it is in the rendered configuration, too."
  type        = number
  nullable    = false
}

variable "memory_mib" {
  description = "Memory limit in MiB."
  type        = number
  nullable    = false
}

variable "metrics" {
  description = "Whether it serves its metrics to Prometheus, by an agent in its Java, at port 9404 of its network; the agent's files are among those that are rendered."
  type        = bool
  default     = false
  nullable    = false
}
