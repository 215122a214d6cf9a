//! MinIO for real: buckets, and the key that is limited to them.

use plattr_api::Environment;
use plattr_api::application::Bucket;
use plattr_backends::{Check, Login, minio, s3};

use crate::{all_passed, application, variable};

#[tokio::test]
async fn buckets_and_a_key_from_nothing_that_are_repaired() {
    let url = variable("PLATTR_TEST_S3_URL");
    let http = reqwest::Client::new();
    let root = Login { user: "minioadmin".into(), password: "minioadmin".into() };
    let admin = s3::client(&url, "us-east-1", &root);
    let server = minio::Server { http: http.clone(), url: url.clone(), region: "us-east-1".into(), admin: root };
    let (names, mut spec) = application("backends-s3");
    spec.storage.buckets = vec![
        Bucket { name: "uploads".parse().unwrap(), public: false },
        Bucket { name: "pictures".parse().unwrap(), public: true },
    ];
    let origins = vec!["http://localhost:3000".to_owned()];
    let wanted = s3::Desired::new(&names, Environment::Local, &spec, "us-east-1", origins);
    let key = minio::Desired::new(&names, &wanted, "a-secret-of-the-application");
    for bucket in &wanted.buckets {
        let _ = admin.delete_bucket().bucket(&bucket.name).send().await;
    }
    let app = s3::client(&url, "us-east-1", &key.key);
    let verify = async || -> Vec<Check> {
        s3::verify(&s3::Target { admin: &admin, app: &app, http: &http, endpoint: &url }, &wanted).await
    };
    let buckets = async || {
        let changes = s3::ensure(&admin, &wanted).await.unwrap();
        changes.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let keys = async || {
        let changes = minio::ensure(&server, &key).await.unwrap();
        changes.iter().map(ToString::to_string).collect::<Vec<_>>()
    };

    assert_eq!(
        buckets().await,
        [
            "create bucket backends-s3-uploads",
            "write the owner on bucket backends-s3-uploads",
            "create bucket backends-s3-pictures",
            "write the owner on bucket backends-s3-pictures",
            "let anyone read the objects of bucket backends-s3-pictures",
        ]
    );
    keys().await;
    let started = std::time::Instant::now();
    assert!(buckets().await.is_empty());
    println!("s3: warm ensure {:?}", started.elapsed());
    let started = std::time::Instant::now();
    assert!(keys().await.is_empty());
    println!("minio: warm ensure {:?}", started.elapsed());
    all_passed(&verify().await);

    // A private bucket that somebody published.
    let open = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::backends-s3-uploads/*"}]}"#;
    admin.put_bucket_policy().bucket("backends-s3-uploads").policy(open).send().await.unwrap();
    assert!(verify().await.iter().any(|c| c.name == "private" && !c.passed));
    assert_eq!(buckets().await, ["make bucket backends-s3-uploads private"]);
    admin.delete_bucket_policy().bucket("backends-s3-pictures").send().await.unwrap();
    assert!(verify().await.iter().any(|c| c.name == "public-read" && !c.passed));
    assert_eq!(buckets().await, ["let anyone read the objects of bucket backends-s3-pictures"]);

    // A key with another secret, and one with another policy.
    let other = minio::Desired { key: Login { password: "another-secret".into(), ..key.key.clone() }, ..key.clone() };
    minio::ensure(&server, &other).await.unwrap();
    assert!(verify().await.iter().any(|c| !c.passed));
    assert_eq!(keys().await, ["write access key plattr-backends-s3"]);
    let fewer = minio::Desired { buckets: vec!["backends-s3-uploads".into()], ..key.clone() };
    minio::ensure(&server, &fewer).await.unwrap();
    assert!(verify().await.iter().any(|c| !c.passed));
    assert_eq!(keys().await, ["write MinIO policy plattr-backends-s3"]);
    all_passed(&verify().await);

    // A bucket that is gone, and one of someone else.
    admin.delete_bucket().bucket("backends-s3-uploads").send().await.unwrap();
    assert!(verify().await.iter().any(|c| !c.passed));
    assert_eq!(buckets().await.len(), 2);
    let stranger = s3::Desired { owner: "application other in local".into(), ..wanted.clone() };
    assert!(matches!(s3::ensure(&admin, &stranger).await, Err(s3::Error::NotOurs { .. })));

    // All goes, with what is in it; again, there is nothing to do.
    let text = aws_sdk_s3::primitives::ByteStream::from_static(b"x");
    admin.put_object().bucket(&wanted.buckets[0].name).key("a/b").body(text).send().await.unwrap();
    for _ in 0..2 {
        s3::deprovision(&admin, &wanted).await.unwrap();
    }
    for bucket in &wanted.buckets {
        assert!(admin.head_bucket().bucket(&bucket.name).send().await.is_err());
    }
}
