/** YAML as nodes that know their place; reading reports problems and never throws on what it reads. */
@NullMarked
package dev.lastgood.yaml;

import org.jspecify.annotations.NullMarked;
