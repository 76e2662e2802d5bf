/** Holds the one class that needs DJL's package-private access: calls into script methods with any arguments. */
@NullMarked
package ai.djl.pytorch.jni;

import org.jspecify.annotations.NullMarked;
