/**
 * The advantage stream as a service: it closes each group exactly once and publishes its advantages. The arithmetic is in
 * module {@code estimators}.
 */
@NullMarked
package ai.consilium.advantage;

import org.jspecify.annotations.NullMarked;
