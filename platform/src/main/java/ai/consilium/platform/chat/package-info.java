/** Asks models that others serve behind OpenAI's chat protocol: with a cache, within a budget. */
@NullMarked
package ai.consilium.platform.chat;

import org.jspecify.annotations.NullMarked;
