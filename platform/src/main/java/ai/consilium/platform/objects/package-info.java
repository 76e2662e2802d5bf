/** Objects in a bucket: S3 of AWS, or of whoever speaks its protocol. */
@NullMarked
package ai.consilium.platform.objects;

import org.jspecify.annotations.NullMarked;
