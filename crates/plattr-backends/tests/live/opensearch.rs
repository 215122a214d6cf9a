//! OpenSearch for real.

use plattr_api::Environment;
use plattr_api::application::Index;
use plattr_backends::opensearch::{self, Desired, Error, Server};

use crate::{all_passed, application, variable};

#[tokio::test]
async fn indices_from_nothing_that_are_repaired() {
    let server = Server { http: reqwest::Client::new(), url: variable("PLATTR_TEST_OPENSEARCH_URL") };
    let (names, mut spec) = application("backends-search");
    spec.search.indices = vec![Index { name: "todos".parse().unwrap() }];
    let wanted = Desired::new(&names, Environment::Local, &spec, 0);
    let delete = async |path: &str| server.http.delete(format!("{}/{path}", server.url)).send().await.unwrap();
    delete("backends-search-todos").await;
    delete("_index_template/plattr-backends-search").await;

    let lines = async || {
        let changes = opensearch::ensure(&server, &wanted).await.unwrap();
        changes.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let template = "write index template plattr-backends-search";
    let index = "create index backends-search-todos";
    assert_eq!(lines().await, [template, index]);
    let started = std::time::Instant::now();
    assert!(lines().await.is_empty());
    println!("opensearch: warm ensure {:?}", started.elapsed());
    all_passed(&opensearch::verify(&server, &wanted).await);

    delete("backends-search-todos").await;
    assert!(opensearch::verify(&server, &wanted).await.iter().any(|c| !c.passed));
    assert_eq!(lines().await, [index]);
    delete("_index_template/plattr-backends-search").await;
    assert!(opensearch::verify(&server, &wanted).await.iter().any(|c| !c.passed));
    assert_eq!(lines().await, [template]);

    let stranger = Desired { owner: "application other in local".into(), ..wanted.clone() };
    assert!(matches!(opensearch::ensure(&server, &stranger).await, Err(Error::NotOurs { .. })));
    // An application whose prefix begins with this one's.
    let (longer, spec) = application("backends-search-two");
    let longer = Desired::new(&longer, Environment::Local, &spec, 0);
    assert_eq!(opensearch::ensure(&server, &longer).await.unwrap().len(), 1);
    delete("_index_template/plattr-backends-search-two").await;
    for _ in 0..2 {
        opensearch::deprovision(&server, &wanted).await.unwrap();
    }
    assert_eq!(lines().await, [template, index], "nothing was left");
    opensearch::deprovision(&server, &wanted).await.unwrap();
}
