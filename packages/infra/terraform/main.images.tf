locals {
  # The one file that names all images, which infra:up and the tools read, too.
  images = merge(
    jsondecode(file("${path.module}/images.json")),
    { for name, image in var.images : name => image if image != null },
  )
}
