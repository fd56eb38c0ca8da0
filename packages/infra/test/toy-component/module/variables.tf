variable "platform" {
  description = "Name of the platform."
  type        = string
  nullable    = false
}

variable "running" {
  description = "Whether there is a container and its network."
  type        = bool
  nullable    = false
}

variable "config_folder" {
  description = "Folder with the rendered configuration of this platform."
  type        = string
  nullable    = false
}

variable "image" {
  description = "Reference of an image with Python."
  type        = string
  nullable    = false
}

variable "port" {
  description = "Port of this machine that leads to the server."
  type        = number
  nullable    = false
}
