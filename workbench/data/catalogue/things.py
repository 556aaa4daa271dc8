"""Data sets of vehicles, birds, products, clothes and buildings."""

from workbench.data.catalogue.entry import (
    CAMERA_PROTOCOL,
    LEAVE_ONE_OUT_PROTOCOL,
    Entry,
    unpack,
)

_RESEARCH = "For academic research; the authors ask to be cited."
_ON_REQUEST = f"{_RESEARCH} Handed out on request by its authors."

VERI776 = Entry(
    name="veri776",
    title="VeRi-776",
    origin=(
        "Liu, Liu, Mei, Ma: A Deep Learning-Based Approach to Progressive Vehicle Re-identification"
        " for Urban Surveillance, ECCV 2016. Recorded by 20 cameras along roads."
    ),
    terms=_ON_REQUEST,
    homepage="https://github.com/JDAI-CV/VeRidataset",
    layout="image_train, image_query, image_test with files such as 0002_c002_00030600_0.jpg",
    how_to_get=unpack("VeRi-776", "VeRi", "https://github.com/JDAI-CV/VeRidataset"),
    counts={
        "train_identities": 576,
        "train_images": 37_778,
        "query_identities": 200,
        "query_images": 1_678,
        "gallery_identities": 200,
        "gallery_images": 11_579,
        "cameras": 20,
    },
    folders=("veri776", "VeRi", "VeRi-776", "VeRi_with_plate"),
    shows="VeRi",
    protocol=f"{CAMERA_PROTOCOL} Image to image; the tracks of the set are not used.",
)
VEHICLEID = Entry(
    name="vehicleid",
    title="PKU VehicleID",
    origin=(
        "Liu, Tian, Yang, Pang, Huang: Deep Relative Distance Learning: Tell the Difference Between"
        " Similar Vehicles, CVPR 2016. Front and rear views from cameras in a small city."
    ),
    terms=_ON_REQUEST,
    homepage="https://www.pkuml.org/resources/pku-vehicleid.html",
    layout=(
        "image with files such as 0000001.jpg; train_test_split with train_list.txt and"
        " test_list_800.txt, 1600, 2400"
    ),
    how_to_get=unpack(
        "VehicleID",
        "VehicleID_V1.0",
        "https://www.pkuml.org/resources/pku-vehicleid.html",
    ),
    counts={
        "train_identities": 13_164,
        "train_images": 113_346,
        "query_identities": 800,
        "query_images": 6_493,
    },
    folders=("vehicleid", "VehicleID_V1.0", "PKU-VehicleID"),
    variants={
        "test_list=1600": {"query_identities": 1_600, "query_images": 13_377},
        "test_list=2400": {"query_identities": 2_400, "query_images": 19_777},
        "test_list=3200": {"query_identities": 3_200, "query_images": None},
        "test_list=6000": {"query_identities": 6_000, "query_images": None},
        "test_list=13164": {"query_identities": 13_164, "query_images": None},
    },
    shows="VehicleID",
    protocol=(
        "One image of each vehicle of the test list, drawn at random, is the gallery; all its"
        " others are queries. Drawn again and again, figures are the mean. No camera is left out."
    ),
)
CARS196 = Entry(
    name="cars196",
    title="CARS196",
    origin=(
        "Krause, Stark, Deng, Fei-Fei: 3D Object Representations for Fine-Grained Categorization,"
        " 3dRR 2013; divided by class by Song, Xiang, Jegelka, Savarese, CVPR 2016."
    ),
    terms=_RESEARCH,
    homepage="https://ai.stanford.edu/~jkrause/cars/car_dataset.html",
    layout=(
        "cars_annos.mat beside car_ims; or cars_train and cars_test with"
        " devkit/cars_train_annos.mat and cars_test_annos_withlabels.mat"
    ),
    how_to_get=("Its page no longer hands it out; set data.root where you hold a copy."),
    counts={
        "train_identities": 98,
        "train_images": 8_054,
        "query_identities": 98,
        "query_images": 8_131,
    },
    folders=("cars196", "CARS", "stanford_cars", "car196"),
    shows="CARS196",
    protocol=LEAVE_ONE_OUT_PROTOCOL,
)
CUB200 = Entry(
    name="cub200",
    title="CUB-200-2011",
    origin=(
        "Wah, Branson, Welinder, Perona, Belongie: The Caltech-UCSD Birds-200-2011 Dataset,"
        " California Institute of Technology 2011; divided by class by Song et al., CVPR 2016."
    ),
    terms="For non-commercial research and teaching; images belong to their photographers.",
    homepage="https://www.vision.caltech.edu/datasets/cub_200_2011/",
    layout="images.txt, image_class_labels.txt, images with a folder for each class",
    how_to_get=unpack(
        "CUB-200-2011",
        "CUB_200_2011",
        "https://www.vision.caltech.edu/datasets/cub_200_2011/",
    ),
    counts={
        "train_identities": 100,
        "train_images": 5_864,
        "query_identities": 100,
        "query_images": 5_924,
    },
    folders=("cub200", "CUB_200_2011"),
    shows="CUB-200",
    protocol=LEAVE_ONE_OUT_PROTOCOL,
)
SOP = Entry(
    name="sop",
    title="Stanford Online Products",
    origin=(
        "Song, Xiang, Jegelka, Savarese: Deep Metric Learning via Lifted Structured Feature"
        " Embedding, CVPR 2016. Pictures of goods offered on a market place, of twelve kinds."
    ),
    terms=_RESEARCH,
    homepage="https://cvgl.stanford.edu/projects/lifted_struct/",
    layout="Ebay_train.txt, Ebay_test.txt, and a folder for each kind such as chair_final",
    how_to_get=unpack(
        "Stanford Online Products",
        "Stanford_Online_Products",
        "https://cvgl.stanford.edu/projects/lifted_struct/",
    ),
    counts={
        "train_identities": 11_318,
        "train_images": 59_551,
        "query_identities": 11_316,
        "query_images": 60_502,
    },
    folders=("sop", "Stanford_Online_Products", "online_products"),
    shows="Stanford Online Products",
    protocol=LEAVE_ONE_OUT_PROTOCOL,
)
IN_SHOP = Entry(
    name="in_shop",
    title="DeepFashion In-shop",
    origin=(
        "Liu, Luo, Qiu, Wang, Tang: DeepFashion: Powering Robust Clothes Recognition and Retrieval"
        " with Rich Annotations, CVPR 2016. Clothes of a shop, worn by models."
    ),
    terms=(
        f"{_RESEARCH} Handed out on an agreement; it shows real people, so do not pass images on."
    ),
    homepage="https://mmlab.ie.cuhk.edu.hk/projects/DeepFashion/InShopRetrieval.html",
    layout="list_eval_partition.txt (or Eval/list_eval_partition.txt) beside img or img_highres",
    how_to_get=unpack(
        "In-shop Clothes Retrieval",
        "In-shop",
        "https://mmlab.ie.cuhk.edu.hk/projects/DeepFashion/InShopRetrieval.html",
    ),
    counts={
        "train_identities": 3_997,
        "train_images": 25_882,
        "query_identities": 3_985,
        "query_images": 14_218,
        "gallery_identities": 3_985,
        "gallery_images": 12_612,
    },
    folders=("in_shop", "deepfashion", "In-shop Clothes Retrieval Benchmark"),
    shows="DeepFashion",
    protocol="Each query against the whole gallery: Recall@K, and NMI over both.",
)
UNIVERSITY1652 = Entry(
    name="university1652",
    title="University-1652",
    origin=(
        "Zheng, Wei, Yang: University-1652: A Multi-view Multi-source Benchmark for Drone-based"
        " Geo-localization, ACM Multimedia 2020. Buildings of 72 universities."
    ),
    terms=_ON_REQUEST,
    homepage="https://github.com/layumi/University1652-Baseline",
    layout=(
        "train/satellite, train/drone; test/query_satellite, query_drone, gallery_satellite,"
        " gallery_drone, each with a folder for each building"
    ),
    how_to_get=unpack(
        "University-1652",
        "University-Release",
        "https://github.com/layumi/University1652-Baseline",
    ),
    counts={
        "train_identities": 701,
        "train_drone_images": 37_854,
        "train_satellite_images": 701,
        "query_identities": 701,
        "query_drone_images": 37_855,
        "query_satellite_images": 701,
        "gallery_identities": 951,
        "gallery_drone_images": 51_355,
        "gallery_satellite_images": 951,
    },
    folders=("university1652", "University-Release", "University-1652"),
    shows="University-1652",
    protocol=(
        "Two rankings: each satellite image against the drone's images, and each of these against"
        " the satellite's. Pictures from the street are not used."
    ),
)
