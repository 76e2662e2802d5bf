/** Pictures from files: decoded, upright, eight bits a colour, resized as Pillow does. */
@NullMarked
package ai.consilium.policy.image;

import org.jspecify.annotations.NullMarked;
