/** Tests of fetching: over HTTP against a server that fails as told, over S3 against a mock. */
@org.jspecify.annotations.NullMarked
package ai.consilium.fetch;
