/** What the tests of every module start: a broker and a registry of their own. */
@NullMarked
package ai.consilium.platform.testing;

import org.jspecify.annotations.NullMarked;
