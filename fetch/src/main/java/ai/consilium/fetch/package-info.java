/**
 * Cases and models that a host does not have: fetched from a web server or a bucket by the hashes of a list, into a cache that
 * all processes of the host share.
 */
@NullMarked
package ai.consilium.fetch;

import org.jspecify.annotations.NullMarked;
